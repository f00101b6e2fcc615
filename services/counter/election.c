/* SPDX-License-Identifier: Apache-2.0 */
#include "counter/election.h"

#include "common/kafka/membership.h"
#include "common/kafka/topics.h"
#include "common/lock_file.h"
#include "common/log.h"
#include "common/metrics.h"
#include "counter/pause.h"

#define TOPICS_MS       5000
#define FENCED_LEAST_MS 1000
#define FENCED_MOST_MS  300000

struct Election {
    const Config *config;
    const char *lock_path;       /* NULL: the group elects */
    int lock_fd;                 /* -1: not held */
    KafkaMembership *membership; /* NULL: none */
    bool elected;
    unsigned fenced; /* how often, since another one of the group was elected */
    Pause pause;
    Metric *elections;
};

Election *election_new(const Config *config)
{
    Election *election = g_new(Election, 1);
    *election = (Election){
        .config = config,
        .lock_path = config_string(config, "counters", "lock-file"),
        .lock_fd = -1,
        .elections = metric_counter("daywire_counter_elections_total", NULL,
                                    "How often this service was elected to write the ticks."),
    };
    pause_init(&election->pause, FENCED_LEAST_MS, FENCED_MOST_MS);
    return election;
}

void election_free(Election *election)
{
    if (!election)
        return;
    election_withdraw(election);
    g_free(election);
}

static void leave_group(Election *election)
{
    kafka_membership_free(election->membership);
    election->membership = NULL;
}

void election_withdraw(Election *election)
{
    lock_file_release(election->lock_fd);
    election->lock_fd = -1;
    leave_group(election);
    election->elected = false;
}

int election_fenced(Election *election)
{
    election_withdraw(election);
    if (++election->fenced > 1)
        log_warning(
            "fenced again, by none of this group: services with the same transactional id have to be in "
            "the same group");
    return pause_take(&election->pause);
}

void election_confirm(Election *election)
{
    pause_reset(&election->pause);
}

static ElectionState look_at_lock(Election *election, GError **error)
{
    if (election->lock_fd >= 0)
        return ELECTION_WON;
    switch (lock_file_take(election->lock_path, &election->lock_fd, error)) {
    case LOCK_FILE_TAKEN:
        return ELECTION_WON;
    case LOCK_FILE_HELD:
        return ELECTION_LOST;
    case LOCK_FILE_FAILED:
        return ELECTION_FAILED;
    }
    g_assert_not_reached();
}

static bool join_group(Election *election, GError **error)
{
    const Config *config = election->config;
    if (!kafka_topics_ensure(config, TOPICS_MS, error))
        return false;
    election->membership = kafka_membership_new(
        config, config_string(config, "counters", "group"), config_string(config, "topics", "ticks"),
        (int)config_milliseconds(config, "counters", "session-timeout"), error);
    return election->membership;
}

static ElectionState look_at_group(Election *election, GError **error)
{
    if (!election->membership && !join_group(election, error))
        return ELECTION_FAILED;
    switch (kafka_membership_look(election->membership, error)) {
    case KAFKA_MEMBER_JOINING:
        return ELECTION_OPEN;
    case KAFKA_MEMBER_OTHER:
        return ELECTION_LOST;
    case KAFKA_MEMBER_ELECTED:
        return ELECTION_WON;
    case KAFKA_MEMBER_LOST: /* joins as the youngest, so that nobody else has to go */
        leave_group(election);
        return ELECTION_OPEN;
    case KAFKA_MEMBER_FAILED:
        return ELECTION_FAILED;
    }
    g_assert_not_reached();
}

static void tell_elected(Election *election)
{
    metric_add(election->elections, 1);
    log_info("elected to write the ticks");
}

ElectionState election_look(Election *election, GError **error)
{
    ElectionState state =
        election->lock_path ? look_at_lock(election, error) : look_at_group(election, error);
    bool elected = state == ELECTION_WON;
    if (elected && !election->elected)
        tell_elected(election);
    else if (!elected && election->elected)
        log_info("not elected any more");
    if (state == ELECTION_LOST)
        election->fenced = 0;
    if (state == ELECTION_FAILED)
        election_withdraw(election);
    election->elected = elected;
    return state;
}

/* A lock file has no connection that could be missing. */
bool election_connected(const Election *election)
{
    return !election->membership || kafka_membership_connected(election->membership);
}

const char *election_part(const Election *election)
{
    return election->lock_path ? "ticks" : "kafka";
}
