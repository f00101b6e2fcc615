/* SPDX-License-Identifier: Apache-2.0 */
/* A view in a folder of its own with a reader, for the tests of view*.c. */
#ifndef DAYWIRE_TESTS_VIEW_FIXTURE_H
#define DAYWIRE_TESTS_VIEW_FIXTURE_H

#include "gateway/view.h"
#include "stream_fixture.h"

#define VIEW_EPOCH 7

typedef struct {
    char *folder;
    char *path;
    View *view;
    ViewReader *reader;
    int64_t offset; /* of the next record */
} ViewFixture;

/* For cmocka: *state is the fixture. */
int view_fixture_setup(void **state);
int view_fixture_teardown(void **state);

/* Must succeed. */
View *view_fixture_open(const char *path);
ViewReader *view_fixture_open_reader(const char *path);

/* log_next is the number of records and 1. */
void commit(ViewFixture *fixture);
/* Takes over the statement; partition 0. */
void put(ViewFixture *fixture, Statement *statement);
void put_dated(ViewFixture *fixture, const char *id, const char *date);
/* Partition 1. */
/* The tick of 2024-05-01 in a list; NULL: no group. */
void put_listed(ViewFixture *fixture, const char *counter, const char *group, uint32_t order);
void put_tick(ViewFixture *fixture, const char *counter, const char *date, unsigned revision);

Statement *find(const ViewFixture *fixture, const char *id);

/* The ids of a page, separated by spaces. `ret_next` NULL: there must be no further page. */
char *list(const ViewFixture *fixture, const ViewQuery *query, char **ret_next);
/* With a limit of 100 unless there is one. */
void assert_list(const ViewFixture *fixture, ViewQuery query, const char *expected);

#endif
