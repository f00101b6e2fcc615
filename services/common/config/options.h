/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of options. The parser, --help, --check-config and the operator's reference all come from it,
 * so no option can be undocumented. */
#ifndef DAYWIRE_COMMON_CONFIG_OPTIONS_H
#define DAYWIRE_COMMON_CONFIG_OPTIONS_H

#include <stdint.h>

typedef enum {
    OPTION_STRING,   /* any text */
    OPTION_PATH,     /* of a file or folder */
    OPTION_ADDRESS,  /* "address:port", "[v6]:port" */
    OPTION_CHOICE,   /* one of `choices` */
    OPTION_INTEGER,  /* least to most */
    OPTION_BOOLEAN,  /* true, false */
    OPTION_DURATION, /* 250ms 5s 5m 2h 1d; bounds in milliseconds */
    OPTION_SIZE,     /* 4096 64K 10M 1G; bounds in bytes */
    OPTION_DATE,     /* YYYY-MM-DD */
    OPTION_ZONE,     /* an IANA name; that it exists is checked */
} OptionType;

typedef struct {
    const char *group; /* "ingest"; "counter *" stands for every [counter NAME] */
    const char *key;   /* "listen"; "label.*" stands for every key with that beginning; "*" for every key */
    OptionType type;
    const char *fallback; /* the default in the file's syntax; NULL: none */
    int64_t least, most;  /* INTEGER, DURATION, SIZE */
    const char *choices;  /* CHOICE: "a|b" */
    const char *help;     /* one line */
} Option;

/* Ends with a group of NULL. */
extern const Option options[];

/* The options whose group is in `groups` (NULL-terminated; NULL: all) as text for --help. g_free it. */
char *options_help(const char *const *groups);
/* All of them as a table in Markdown, for deploy/README.md. g_free it. */
char *options_markdown(void);

#endif
