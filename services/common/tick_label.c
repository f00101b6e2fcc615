/* SPDX-License-Identifier: Apache-2.0 */
#include "common/tick_label.h"

#include "common/language.h"

typedef Daywire__V1__Tick__LabelEntry Entry;

/* In `language`, or in what it is a variety of. */
static const Entry *find_near(const Tick *tick, const char *language)
{
    g_autofree char *tag = g_strdup(language);
    do {
        for (size_t i = 0; i < tick->n_label; i++)
            if (g_ascii_strcasecmp(tick->label[i]->key, tag) == 0)
                return tick->label[i];
    } while (language_generalize(tag));
    return NULL;
}

const char *tick_label_near(const Tick *tick, const char *language, const char **ret_language)
{
    const Entry *entry = NULL;
    if (tick->n_label == 0)
        return NULL;
    if (language)
        entry = find_near(tick, language);
    if (language && !entry)
        entry = find_near(tick, LANGUAGE_DEFAULT);
    if (!entry)
        entry = tick->label[0];
    *ret_language = entry->key;
    return entry->value;
}
