/* SPDX-License-Identifier: Apache-2.0 */
#include "common/config/options.h"

#include <stddef.h>

#include "common/statement_rules.h"

#define MS  INT64_C(1)
#define SEC (1000 * MS)
#undef MIN /* GLib has another */
#define MIN (60 * SEC)
#define HR  (60 * MIN)
#define DAY (24 * HR)
#define KIB INT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* clang-format off */
const Option options[] = {
    {"kafka", "*", OPTION_STRING, NULL, 0, 0, NULL, "every librdkafka property is passed through, for instance bootstrap.servers"},

    {"topics", "statements", OPTION_STRING, "daywire.statements", 0, 0, NULL, "topic of the statements"},
    {"topics", "ticks", OPTION_STRING, "daywire.ticks", 0, 0, NULL, "topic of the ticks"},
    {"topics", "partitions", OPTION_INTEGER, "1", 1, 256, NULL, "partitions of a topic that is created"},
    {"topics", "replication-factor", OPTION_INTEGER, "1", 1, 32, NULL, "replicas of a topic that is created"},

    {"ingest", "listen", OPTION_ADDRESS, "127.0.0.1:8081", 0, 0, NULL, "address of the API"},
    {"ingest", "admin", OPTION_ADDRESS, "127.0.0.1:9081", 0, 0, NULL, "address of /livez, /readyz and /metrics"},
    {"ingest", "database", OPTION_PATH, "/var/lib/daywire/ingest.db", 0, 0, NULL, "SQLite file of statements and outbox"},
    {"ingest", "token-file", OPTION_PATH, NULL, 0, 0, NULL, "file with the bearer token named \"default\", which has all rights; without any token the API refuses all requests"},
    {"ingest", "requests-per-second", OPTION_INTEGER, "0", 0, 100000, NULL, "requests a second that each token may make, as many at once; beyond it 429; 0: no limit"},
    {"ingest", "max-requests", OPTION_INTEGER, "200", 0, 60000, NULL, "requests that each token may have under way at a time; beyond it 429; 0: no limit"},
    {"ingest", "max-connections", OPTION_INTEGER, "1000", 1, 60000, NULL, "connections to the API, all together; beyond it a stranger is dropped, else the new one answered 503"},
    {"ingest", "max-unauthenticated", OPTION_INTEGER, "200", 1, 60000, NULL, "connections that have shown no good token (yet); when there is one more, the oldest of them is dropped"},
    {"ingest", "header-timeout", OPTION_DURATION, "10s", 100 * MS, 5 * MIN, NULL, "time to send the head of a request, from its first byte or the connection's beginning on"},
    {"ingest", "body-timeout", OPTION_DURATION, "30s", 100 * MS, 1 * HR, NULL, "time to send the body of a request, plus what body-rate grants for what has come"},
    {"ingest", "body-rate", OPTION_SIZE, "4K", 1, 1 * GIB, NULL, "bytes a second at which a body may come for as long as it takes; slower ones end by body-timeout"},
    {"ingest", "send-timeout", OPTION_DURATION, "30s", 1 * SEC, 1 * HR, NULL, "time for a client to take a whole answer"},
    {"ingest", "max-body", OPTION_SIZE, "8M", 1 * KIB, 64 * MIB, NULL, "largest request body"},
    {"ingest", "max-bodies", OPTION_SIZE, "64M", 64 * MIB, 16 * GIB, NULL, "request bodies held at a time, all together; beyond it requests are answered 503"},
    {"ingest", "max-line", OPTION_SIZE, "1M", 4 * KIB, 16 * MIB, NULL, "largest line of a body of NDJSON"},
    {"ingest", "max-title", OPTION_INTEGER, "1000", 1, STATEMENT_TITLE_MAX, NULL, "characters in a title"},
    {"ingest", "max-summary", OPTION_INTEGER, "10000", 0, STATEMENT_SUMMARY_MAX, NULL, "characters in a summary"},
    {"ingest", "max-text", OPTION_SIZE, "512K", 0, STATEMENT_BODY_MAX, NULL, "bytes of a body's text"},
    {"ingest", "max-tags", OPTION_INTEGER, "32", 0, STATEMENT_TAGS_MAX, NULL, "tags of a statement"},
    {"ingest", "max-queue", OPTION_INTEGER, "10000", 1, 1000000, NULL, "statements waiting to be stored; beyond it requests are answered 503"},
    {"ingest", "max-backlog", OPTION_INTEGER, "100000", 1, 100000000, NULL, "revisions waiting for the broker; beyond it, and what then waits to be stored, requests are answered 503, but for withdrawals, cancellations and republish"},
    {"ingest", "max-in-flight", OPTION_INTEGER, "4000", 1, 100000, NULL, "records handed to the broker and not yet confirmed"},
    {"ingest", "wait-timeout", OPTION_DURATION, "30s", 100 * MS, 5 * MIN, NULL, "longest time that ?wait=published holds an answer"},
    {"ingest", "expiry-note", OPTION_STRING, "This statement has expired.", 0, 0, NULL, "public reason shown in place of a statement after its expires_at"},
    {"ingest", "refill", OPTION_CHOICE, "never", 0, 0, "never|when-empty", "publish all statements again when the topic is found empty at start"},
    {"ingest", "spool", OPTION_PATH, NULL, 0, 0, NULL, "a folder; a file moved into it is imported, then moved to done/ or failed/ in it"},
    {"ingest", "spool-max-file", OPTION_SIZE, "64M", 1 * KIB, 1 * GIB, NULL, "largest file that is imported from there"},

    {"token *", "file", OPTION_PATH, NULL, 0, 0, NULL, "file with this token, one word; its name is told in the history of revisions"},
    {"token *", "rights", OPTION_STRING, NULL, 0, 0, NULL, "what it may do, separated by commas: publish (POST, PUT), withdraw (DELETE), read (GET)"},
    {"token *", "requests-per-second", OPTION_INTEGER, "-1", -1, 100000, NULL, "for this token; -1: as in [ingest]"},
    {"token *", "max-requests", OPTION_INTEGER, "-1", -1, 60000, NULL, "for this token; -1: as in [ingest]"},

    {"feeds", "user-agent", OPTION_STRING, NULL, 0, 0, NULL, "what servers are told about who asks; without it Daywire/VERSION"},
    {"feeds", "timeout", OPTION_DURATION, "30s", 100 * MS, 10 * MIN, NULL, "longest time to fetch a feed, redirects included"},
    {"feeds", "max-size", OPTION_SIZE, "8M", 1 * KIB, 32 * MIB, NULL, "largest feed, decompressed"},
    {"feeds", "max-at-once", OPTION_INTEGER, "8", 1, 64, NULL, "feeds fetched at the same time"},
    {"feeds", "allow-private", OPTION_BOOLEAN, "false", 0, 0, NULL, "whether feeds may lead to private, loopback and link-local addresses"},
    {"feeds", "allow-networks", OPTION_STRING, NULL, 0, 0, NULL, "networks that feeds may lead to whatever they are, separated by spaces: 10.1.0.0/16 fd00:1::/32"},
    {"feeds", "proxy", OPTION_STRING, NULL, 0, 0, NULL, "http://HOST:PORT that feeds are fetched by; addresses are then for the proxy to check"},

    {"feed *", "url", OPTION_STRING, NULL, 0, 0, NULL, "its address, http or https; RSS, RDF, Atom or JSON Feed"},
    {"feed *", "every", OPTION_DURATION, "15m", 1 * SEC, 7 * DAY, NULL, "time between two polls, at least; the feed may ask for longer"},
    {"feed *", "initial", OPTION_STRING, "all", 0, 0, NULL, "what is taken of the items that are there at the first poll: all, newest NUMBER or none"},
    {"feed *", "language", OPTION_STRING, NULL, 0, 0, NULL, "language of items that do not tell theirs: en, pt-BR"},
    {"feed *", "kind", OPTION_STRING, NULL, 0, 0, NULL, "kind of its statements"},
    {"feed *", "tags", OPTION_STRING, NULL, 0, 0, NULL, "tags that its statements get besides their own, separated by commas"},

    {"counters", "admin", OPTION_ADDRESS, "127.0.0.1:9082", 0, 0, NULL, "address of /livez, /readyz and /metrics"},
    {"counters", "languages", OPTION_STRING, NULL, 0, 0, NULL, "the languages of each tick, separated by commas (en, pt-BR); not given: those of the counter's label.* keys, or en"},
    {"counters", "catch-up", OPTION_CHOICE, "latest", 0, 0, "latest|all", "after downtime: only the tick of today, or one for each date missed"},
    {"counters", "earliest-clock", OPTION_DATE, NULL, 0, 0, NULL, "a clock that shows an earlier date (UTC) is refused; without it the date of the build"},
    {"counters", "transactional-id", OPTION_STRING, "daywire-counter", 0, 0, NULL, "transactional id; it keeps those from writing whose place another one has taken"},
    {"counters", "group", OPTION_STRING, "daywire-counter", 0, 0, NULL, "consumer group in which services with the same counters elect the one that writes"},
    {"counters", "session-timeout", OPTION_DURATION, "6s", 1 * SEC, 1 * MIN, NULL, "a service that is silent for so long is out of the group, and another one takes over; the broker has bounds of its own"},
    {"counters", "lock-file", OPTION_PATH, NULL, 0, 0, NULL, "held by the one that writes, in place of the group: for brokers that do not fence (the embedded one)"},

    {"counter *", "since", OPTION_DATE, NULL, 0, 0, NULL, "the civil date to count from"},
    {"counter *", "until", OPTION_DATE, NULL, 0, 0, NULL, "the civil date to count down to; with since too: the date that remains"},
    {"counter *", "after-zero", OPTION_CHOICE, "count", 0, 0, "count|hold|end", "with until alone, after that date: go on below zero, stay at zero, or end"},
    {"counter *", "starts", OPTION_DATE, NULL, 0, 0, NULL, "the first date on which it shows"},
    {"counter *", "ends", OPTION_DATE, NULL, 0, 0, NULL, "the last date on which it shows"},
    {"counter *", "time-zone", OPTION_ZONE, "UTC", 0, 0, NULL, "zone in which its dates begin and end"},
    {"counter *", "count", OPTION_CHOICE, "days", 0, 0, "days|weekdays", "all days, or Monday to Friday without the holidays"},
    {"counter *", "holidays", OPTION_PATH, NULL, 0, 0, NULL, "file of days that are no weekdays, a YYYY-MM-DD a line; relative to the folder of this file"},
    {"counter *", "label.*", OPTION_STRING, NULL, 0, 0, NULL, "the sentence in one language (label.en = ...), ICU MessageFormat over days, weeks, years, months, date, since, until, anniversary, remaining"},
    {"counter *", "label", OPTION_STRING, NULL, 0, 0, NULL, "the sentence in languages without one of their own"},
    {"counter *", "milestones", OPTION_STRING, NULL, 0, 0, NULL, "for instance: every 100 days, every month, every year, 1000, 2500"},
    {"counter *", "milestone.*", OPTION_STRING, NULL, 0, 0, NULL, "the sentence on the date of a milestone, in place of label.*"},
    {"counter *", "milestone", OPTION_STRING, NULL, 0, 0, NULL, "the same in languages without one of their own"},
    {"counter *", "leap-day", OPTION_CHOICE, "mar1", 0, 0, "feb28|mar1", "the anniversary of 29 February in other years; likewise of a day that a month has not"},
    {"counter *", "group", OPTION_STRING, NULL, 0, 0, NULL, "the group in which it is shown"},
    {"counter *", "order", OPTION_INTEGER, "0", 0, 1000000, NULL, "its place there, lower ones first"},

    {"gateway", "listen", OPTION_ADDRESS, "0.0.0.0:8080", 0, 0, NULL, "address for browsers and clients"},
    {"gateway", "admin", OPTION_ADDRESS, "127.0.0.1:9080", 0, 0, NULL, "address of /livez, /readyz and /metrics"},
    {"gateway", "database", OPTION_PATH, "/var/lib/daywire/gateway.db", 0, 0, NULL, "SQLite file of the view; made anew from the bus when it is missing"},
    {"gateway", "workers", OPTION_INTEGER, "0", 0, 256, NULL, "threads that serve clients; 0: one a core"},
    {"gateway", "origins", OPTION_STRING, "*", 0, 0, NULL, "web origins allowed to connect besides the gateway's own, separated by spaces; *: all"},
    {"gateway", "max-connections", OPTION_INTEGER, "0", 0, 10000000, NULL, "0: as many as the limit of open files allows, 65280 at most"},
    {"gateway", "max-connections-per-address", OPTION_INTEGER, "200", 0, 10000000, NULL, "0: no limit"},
    {"gateway", "heartbeat", OPTION_DURATION, "25s", 1 * SEC, 10 * MIN, NULL, "time between heartbeats"},
    {"gateway", "handshake-timeout", OPTION_DURATION, "10s", 1 * SEC, 5 * MIN, NULL, "time to send a complete request"},
    {"gateway", "send-timeout", OPTION_DURATION, "60s", 1 * SEC, 1 * HR, NULL, "a client that takes nothing for so long is closed"},
    {"gateway", "max-message", OPTION_SIZE, "16K", 1 * KIB, 1 * MIB, NULL, "largest message from a client"},
    {"gateway", "message-rate", OPTION_INTEGER, "20", 1, 10000, NULL, "messages a second that a client may send on average; five seconds' worth at once"},
    {"gateway", "window", OPTION_DURATION, "1d", 1 * MIN, 30 * DAY, NULL, "how far back the log in memory reaches"},
    {"gateway", "window-bytes", OPTION_SIZE, "64M", 64 * KIB, 64 * GIB, NULL, "largest size of the log in memory"},
    {"gateway", "drain", OPTION_DURATION, "10s", 0, 10 * MIN, NULL, "time over which connections are told to go at a stop"},

    {"site", "title", OPTION_STRING, "Daywire", 0, 0, NULL, "title of the page"},
    {"site", "contact", OPTION_STRING, NULL, 0, 0, NULL, "contact line of the page"},
    {"site", "url", OPTION_STRING, NULL, 0, 0, NULL, "where readers reach the page, such as https://press.example; feeds link to it. As each request says when it is not set"},
    {"site", "language", OPTION_STRING, "en", 0, 0, NULL, "language of the page, a BCP 47 tag"},
    {"site", "time-zone", OPTION_ZONE, "UTC", 0, 0, NULL, "zone of the page's date"},
    {"site", "clock.*", OPTION_ZONE, NULL, 0, 0, NULL, "a clock on the page: clock.London = Europe/London"},
    {NULL, NULL, OPTION_STRING, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */
