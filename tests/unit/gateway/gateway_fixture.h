/* SPDX-License-Identifier: Apache-2.0 */
/* A gateway without a bus: workers, view and log are real, and the test is the consumer. */
#ifndef DAYWIRE_TESTS_GATEWAY_FIXTURE_H
#define DAYWIRE_TESTS_GATEWAY_FIXTURE_H

#include "common/metrics.h"
#include "gateway/gateway.h"
#include "gateway/view.h"
#include "gateway/worker.h"

typedef struct {
    char *folder;
    Config *config;
    Gateway gateway;
    Site *site;
    Assets *assets;
    Origins *origins;
    View *view;
    Worker *worker;
    unsigned port;
    int64_t offset; /* of the next statement */
} Fixture;

/* What consumer_caught_up() says. Atomic. */
extern gint fixture_caught_up;
/* How often consumer_report() was told that the view is lost. Atomic. */
extern gint fixture_lost;

/* `settings` are lines for [gateway]; may be NULL. */
Fixture *fixture_new(const char *settings);
void fixture_free(Fixture *fixture);

/* As the consumer would: into the view and the log. */
void fixture_publish(Fixture *fixture, const char *id, const char *title);
/* With a body of `size` bytes. */
void fixture_publish_body(Fixture *fixture, const char *id, size_t size);
void fixture_withdraw(Fixture *fixture, const char *id, const char *note);

/* The tick of today for a counter that is what `group` and `order` say; NULL: no group. */
void fixture_tick(Fixture *fixture, const char *counter, const char *group, uint32_t order);
void fixture_remove_counter(Fixture *fixture, const char *counter);

/* Overwrites the view's files, as a failing disk would. */
void fixture_damage(const Fixture *fixture);

/* Waits until the metric has the value; fails the test after a deadline. */
void fixture_await(const Metric *metric, int64_t value);

#endif
