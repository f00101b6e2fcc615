/* SPDX-License-Identifier: Apache-2.0 */
/* A start tag may begin at every < that a letter follows, and each of them is gone through as libxml2 would, all at
 * once: of those that are in the same state only the one with the most attributes matters from there on. */
#include "common/markup/html_attribute_count.h"

#include <stdbool.h>

#include <glib.h>

typedef enum {
    ELEMENT_NAME,
    BETWEEN,
    NAME,
    AFTER_NAME,
    BEFORE_VALUE,
    IN_DOUBLE_QUOTES,
    IN_QUOTES,
    UNQUOTED,
    JUNK, /* up to the next space */
    ENDED,
    STATES,
} State;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool begins_name(char c)
{
    return g_ascii_isalpha(c) || c == '_' || c == ':' || c == '.';
}

static bool continues_name(char c)
{
    return begins_name(c) || g_ascii_isdigit(c) || c == '-';
}

static State between(char c)
{
    if (is_blank(c))
        return BETWEEN;
    if (c == '>')
        return ENDED;
    return begins_name(c) ? NAME : JUNK;
}

static State before_value(char c)
{
    switch (c) {
    case '"':
        return IN_DOUBLE_QUOTES;
    case '\'':
        return IN_QUOTES;
    case '>':
        return ENDED;
    default:
        return is_blank(c) ? BEFORE_VALUE : UNQUOTED;
    }
}

static State after(State state, char c)
{
    switch (state) {
    case ELEMENT_NAME:
        return continues_name(c) ? ELEMENT_NAME : between(c);
    case NAME:
        if (continues_name(c))
            return NAME;
        return c == '=' ? BEFORE_VALUE : is_blank(c) ? AFTER_NAME : between(c);
    case AFTER_NAME:
        return c == '=' ? BEFORE_VALUE : is_blank(c) ? AFTER_NAME : between(c);
    case BEFORE_VALUE:
        return before_value(c);
    case IN_DOUBLE_QUOTES:
        return c == '"' ? BETWEEN : IN_DOUBLE_QUOTES;
    case IN_QUOTES:
        return c == '\'' ? BETWEEN : IN_QUOTES;
    case UNQUOTED:
    case JUNK:
        return is_blank(c) ? BETWEEN : c == '>' ? ENDED : state;
    default:
        return between(c);
    }
}

unsigned html_attribute_count(const char *html)
{
    int most = 0;
    int counts[STATES]; /* -1: none is in that state */

    for (State state = 0; state < STATES; state++)
        counts[state] = -1;
    for (const char *at = html; *at; at++) {
        int next[STATES];
        for (State state = 0; state < STATES; state++)
            next[state] = -1;
        for (State state = 0; state < ENDED; state++) {
            if (counts[state] < 0)
                continue;
            State to = after(state, *at);
            bool begins = to == NAME && state != NAME;
            next[to] = MAX(next[to], counts[state] + (begins ? 1 : 0));
        }
        if (at > html && at[-1] == '<' && begins_name(*at))
            next[ELEMENT_NAME] = MAX(next[ELEMENT_NAME], 0);
        most = MAX(most, next[NAME]);
        memcpy(counts, next, sizeof counts);
    }
    return (unsigned)most;
}
