/* SPDX-License-Identifier: Apache-2.0 */
/* The set of tokens is immutable; a reload puts another one in its place, and whoever has the old one or a token of it
 * keeps it alive. A token hangs on its request, and with it counts as under way, until the request is over. */
#include "ingest/api/gate.h"

#include <pthread.h>

#include "common/log.h"
#include "common/metrics.h"
#include "ingest/api/failed_attempts.h"
#include "ingest/api/token_set.h"

typedef enum { NO_TOKEN, WRONG_TOKEN, NO_RIGHT, TOO_FAST, TOO_MANY, REFUSAL_COUNT } Refusal;

struct Gate {
    pthread_mutex_t lock; /* not a GMutex: ThreadSanitizer does not see those */
    TokenSet *tokens;     /* under the lock */
    FailedAttempts *failed;
    Metric *refusals[REFUSAL_COUNT];
    Metric *token_count;
    Metric *reloads;
};

/* ---- tokens ---- */

/* For an operator: a secret that others can read is none. */
static void tell_exposed(const TokenSet *set)
{
    for (const char *const *path = token_set_exposed(set); *path; path++)
        log_warning("others than its owner can read or change the file of a token: chmod 600",
                    LOG_STR("file", *path));
}

static TokenSet *current_tokens(Gate *gate)
{
    (void)pthread_mutex_lock(&gate->lock);
    TokenSet *set = token_set_ref(gate->tokens);
    (void)pthread_mutex_unlock(&gate->lock);
    return set;
}

static void make_metrics(Gate *gate)
{
    gate->token_count = metric_gauge("daywire_ingest_tokens", NULL, "Tokens that are valid");
    gate->reloads =
        metric_counter("daywire_ingest_token_reloads_total", NULL, "How often the tokens were read again");
    static const char *const reasons[] = {[NO_TOKEN] = "no_token",
                                          [WRONG_TOKEN] = "wrong_token",
                                          [NO_RIGHT] = "no_right",
                                          [TOO_FAST] = "too_fast",
                                          [TOO_MANY] = "too_many"};

    for (size_t i = 0; i < REFUSAL_COUNT; i++) {
        g_autofree char *label = metric_label("reason", reasons[i]);
        gate->refusals[i] = metric_counter("daywire_ingest_not_admitted_total", label,
                                           "Requests refused for their token, by reason");
    }
}

Gate *gate_new(const Config *config, GError **error)
{
    TokenSet *set = token_set_load(config, NULL, error);

    if (!set)
        return NULL;
    if (token_set_size(set) == 0)
        log_warning(
            "no token is configured, neither [ingest] token-file nor [token NAME]: the API refuses all "
            "requests");
    tell_exposed(set);
    Gate *gate = g_new0(Gate, 1);
    (void)pthread_mutex_init(&gate->lock, NULL);
    gate->tokens = set;
    gate->failed = failed_attempts_new();
    make_metrics(gate);
    metric_set(gate->token_count, token_set_size(set));
    return gate;
}

void gate_free(Gate *gate)
{
    if (!gate)
        return;
    gate_report(gate);
    token_set_unref(gate->tokens);
    failed_attempts_free(gate->failed);
    (void)pthread_mutex_destroy(&gate->lock);
    g_free(gate);
}

bool gate_reload(Gate *gate, const Config *config, GError **error)
{
    g_autoptr(TokenSet) before = current_tokens(gate);
    TokenSet *set = token_set_load(config, before, error);

    if (!set)
        return false;
    tell_exposed(set);
    log_info("tokens have been read again", LOG_INT("tokens", token_set_size(set)));
    (void)pthread_mutex_lock(&gate->lock);
    TokenSet *replaced = gate->tokens;
    gate->tokens = set;
    (void)pthread_mutex_unlock(&gate->lock);
    token_set_unref(replaced);
    metric_set(gate->token_count, token_set_size(set));
    metric_add(gate->reloads, 1);
    return true;
}

void gate_report(Gate *gate)
{
    FailedSummary failed = failed_attempts_take(gate->failed);

    if (failed.attempts > 0)
        log_warning("requests without a good token were refused", LOG_INT("requests", failed.attempts),
                    LOG_INT("addresses", failed.addresses), LOG_STR("most_from", failed.busiest),
                    LOG_INT("of_these", failed.of_busiest));
    g_free(failed.busiest);
}

/* ---- requests ---- */

static void end_use(void *token)
{
    token_use_end(token_use(token));
    token_unref(token);
}

static void forget(void *token)
{
    token_unref(token);
}

/* Every change goes by PUT or POST, also a correction and the return of what was withdrawn. */
static Right right_for(const char *method)
{
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
        return RIGHT_READ;
    return strcmp(method, "DELETE") == 0 ? RIGHT_WITHDRAW : RIGHT_PUBLISH;
}

static void refuse_unknown(Gate *gate, HttpRequest *request, const TokenSet *set)
{
    bool presented = http_request_header(request, "authorization") != NULL;

    metric_add(gate->refusals[presented ? WRONG_TOKEN : NO_TOKEN], 1);
    failed_attempts_add(gate->failed, http_request_peer(request));
    http_respond_problem(
        request, 401,
        token_set_size(set) == 0
            ? "no token is configured here ([ingest] token-file or [token NAME]), so that all "
              "requests are refused"
            : "the bearer token is missing or wrong",
        NULL);
}

static void refuse_right(Gate *gate, HttpRequest *request, const Token *token, Right right)
{
    g_autofree char *detail =
        g_strdup_printf("the token %s lacks the right %s, which %s needs", token_name(token),
                        right_name(right), http_request_method(request));

    metric_add(gate->refusals[NO_RIGHT], 1);
    http_respond_problem(request, 403, detail, NULL);
}

static void refuse_many(Gate *gate, HttpRequest *request, const Token *token)
{
    unsigned most = token_limits(token)->max_requests;
    g_autofree char *detail =
        g_strdup_printf("the token %s has %u request%s under way, which is as many as it may",
                        token_name(token), most, most == 1 ? "" : "s");

    metric_add(gate->refusals[TOO_MANY], 1);
    http_respond_retry(request, 429, detail, 1);
}

static void refuse_fast(Gate *gate, HttpRequest *request, const Token *token, int64_t wait_us)
{
    unsigned most = token_limits(token)->requests_per_second;
    unsigned wait_s = (unsigned)((wait_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
    g_autofree char *detail =
        g_strdup_printf("the token %s may make %u request%s a second: come again in %u s", token_name(token),
                        most, most == 1 ? "" : "s", wait_s);

    metric_add(gate->refusals[TOO_FAST], 1);
    http_respond_retry(request, 429, detail, wait_s);
}

/* Whoever is known stays so, also when he is refused: the server drops strangers first. */
bool gate_admit(Gate *gate, HttpRequest *request)
{
    g_autoptr(TokenSet) set = current_tokens(gate);
    Token *token = token_set_find(set, http_request_header(request, "authorization"));
    Right right = right_for(http_request_method(request));
    int64_t wait_us = 0;

    if (!token) {
        refuse_unknown(gate, request, set);
        return false;
    }
    UseVerdict verdict =
        token_use_begin(token_use(token), token_limits(token), g_get_monotonic_time(), &wait_us);
    http_request_attach(request, token_ref(token), verdict == USE_GRANTED ? end_use : forget);
    token_count(token);
    if (verdict == USE_TOO_MANY)
        refuse_many(gate, request, token);
    else if (verdict == USE_TOO_FAST)
        refuse_fast(gate, request, token, wait_us);
    else if (!token_may(token, right))
        refuse_right(gate, request, token, right);
    else
        return true;
    return false;
}

const char *gate_token_name(const HttpRequest *request)
{
    return token_name(http_request_attached(request));
}
