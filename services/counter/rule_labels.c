/* SPDX-License-Identifier: Apache-2.0 */
/* Which sentence is said in which language. A language takes the sentence of its own, or else that of the next more
 * general one (zh-Hant-TW, zh-Hant, zh), or else the default, and has its numbers and dates written its own way. */
#include <string.h>

#include "common/error.h"
#include "common/language.h"
#include "counter/rule_part.h"

#define ALL "" /* the language of the default sentence, more general than any other */

typedef struct {
    char *language; /* in its usual case, or ALL */
    const char *key;
    bool used;
} Sentence;

static void sentence_free(gpointer data)
{
    Sentence *sentence = data;
    g_free(sentence->language);
    g_free(sentence);
}

static Sentence *find(const GPtrArray *sentences, const char *language)
{
    for (guint i = 0; i < sentences->len; i++) {
        Sentence *sentence = sentences->pdata[i];
        if (strcmp(sentence->language, language) == 0)
            return sentence;
    }
    return NULL;
}

static Sentence *find_nearest(const GPtrArray *sentences, const char *language)
{
    g_autofree char *tag = g_strdup(language);
    Sentence *sentence = NULL;
    do {
        sentence = find(sentences, tag);
    } while (!sentence && language_generalize(tag));
    return sentence ? sentence : find(sentences, ALL);
}

static bool add_language(GPtrArray *languages, const char *language, GError **error)
{
    if (g_ptr_array_find_with_equal_func(languages, language, g_str_equal, NULL))
        return error_refuse(error, "%s is given twice", language);
    if (languages->len == COUNTER_LANGUAGES_MAX) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE, "more than %d languages",
                    COUNTER_LANGUAGES_MAX);
        return false;
    }
    g_ptr_array_add(languages, g_strdup(language));
    return true;
}

static bool add_languages(GPtrArray *languages, const char *list, GError **error)
{
    g_auto(GStrv) words = g_strsplit(list, ",", -1);
    for (char **word = words; *word; word++) {
        g_autofree char *tag = label_language_tag(g_strstrip(*word), error);
        if (!tag || !add_language(languages, tag, error))
            return false;
    }
    return true;
}

/* Those of [counters], or else those of the counter's own sentences. */
static GPtrArray *read_languages(const RulePart *part, const GPtrArray *labels)
{
    const char *list = config_string(part->config, "counters", "languages");
    g_autoptr(GPtrArray) languages = g_ptr_array_new_with_free_func(g_free);
    if (list && !add_languages(languages, list, part->error)) {
        rule_prefix_place(part->error, part->config, "counters", "languages");
        return NULL;
    }
    for (guint i = 0; !list && i < labels->len; i++) {
        const Sentence *label = labels->pdata[i];
        if (*label->language && !add_language(languages, label->language, part->error)) {
            rule_prefix_place(part->error, part->config, part->group, label->key);
            return NULL;
        }
    }
    if (languages->len == 0) /* the default sentence alone */
        g_ptr_array_add(languages, g_strdup(LANGUAGE_DEFAULT));
    return g_steal_pointer(&languages);
}

static bool add_sentence(GPtrArray *sentences, const char *what, const char *key, GError **error)
{
    g_autofree char *language =
        strcmp(key, what) == 0 ? g_strdup(ALL) : label_language_tag(key + strlen(what) + 1, error);
    if (!language)
        return false;
    if (find(sentences, language))
        return error_refuse(error, "there is a %s for %s already", what, language);
    Sentence *sentence = g_new(Sentence, 1);
    *sentence = (Sentence){g_steal_pointer(&language), key, false};
    g_ptr_array_add(sentences, sentence);
    return true;
}

/* Of the keys "WHAT.LANG" and "WHAT". */
static GPtrArray *read_sentences(const RulePart *part, const char *what)
{
    g_autoptr(GPtrArray) sentences = g_ptr_array_new_with_free_func(sentence_free);
    g_autofree char *prefix = g_strconcat(what, ".", NULL);
    for (const char *const *key = config_keys(part->config, part->group, prefix); *key; key++) {
        if (!add_sentence(sentences, what, *key, part->error)) {
            rule_prefix_place(part->error, part->config, part->group, *key);
            return NULL;
        }
    }
    if (config_is_set(part->config, part->group, what) && !add_sentence(sentences, what, what, part->error))
        return NULL;
    return g_steal_pointer(&sentences);
}

static LabelArgumentSet arguments_of(const CounterRule *rule)
{
    LabelArgumentSet set = 1u << LABEL_DAYS | 1u << LABEL_YEARS | 1u << LABEL_MONTHS | 1u << LABEL_DATE;
    if (!rule->weekdays)
        set |= 1u << LABEL_WEEKS;
    if (rule->has_since)
        set |= 1u << LABEL_SINCE | 1u << LABEL_ANNIVERSARY;
    if (rule->has_until)
        set |= 1u << LABEL_UNTIL;
    if (rule->has_since && rule->has_until)
        set |= 1u << LABEL_REMAINING;
    return set;
}

static Label *make_label(const RulePart *part, const Sentence *sentence, const char *language)
{
    const char *pattern = config_string(part->config, part->group, sentence->key);
    Label *label = label_new(language, pattern, arguments_of(part->rule), part->error);
    if (!label)
        rule_prefix_place(part->error, part->config, part->group, sentence->key);
    return label;
}

/* Without languages that are given, only a milestone can be missing: then its place is that of another. */
static void refuse_silence(const RulePart *part, const char *what, const char *language,
                           const GPtrArray *sentences)
{
    bool given = config_is_set(part->config, "counters", "languages");
    error_refuse(part->error, "counter %s has no %s for %s: add %s.%s, or %s for all languages",
                 part->rule->id, what, language, what, language, what);
    rule_prefix_place(part->error, part->config, given ? "counters" : part->group,
                      given ? "languages" : ((const Sentence *)sentences->pdata[0])->key);
}

/* A mistake in a sentence that nobody hears now is one all the same. */
static bool check_unused(const RulePart *part, const GPtrArray *sentences)
{
    for (guint i = 0; i < sentences->len; i++) {
        const Sentence *sentence = sentences->pdata[i];
        if (sentence->used)
            continue;
        g_autoptr(Label) label =
            make_label(part, sentence, *sentence->language ? sentence->language : LANGUAGE_DEFAULT);
        if (!label)
            return false;
    }
    return true;
}

/* NULL on failure. */
static GPtrArray *make_labels(const RulePart *part, const char *what, const GPtrArray *sentences,
                              const GPtrArray *languages)
{
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func((GDestroyNotify)label_free);
    for (guint i = 0; i < languages->len; i++) {
        Sentence *sentence = find_nearest(sentences, languages->pdata[i]);
        if (!sentence) {
            refuse_silence(part, what, languages->pdata[i], sentences);
            return NULL;
        }
        Label *label = make_label(part, sentence, languages->pdata[i]);
        if (!label)
            return NULL;
        sentence->used = true;
        g_ptr_array_add(labels, label);
    }
    return check_unused(part, sentences) ? g_steal_pointer(&labels) : NULL;
}

bool rule_read_labels(const RulePart *part)
{
    CounterRule *rule = part->rule;
    g_autoptr(GPtrArray) labels = read_sentences(part, "label");
    g_autoptr(GPtrArray) milestones = labels ? read_sentences(part, "milestone") : NULL;
    if (!milestones)
        return false;
    if (labels->len == 0)
        return rule_refuse_group(part, "has nothing to say: add label.en = ..., or another language's");
    if (milestones->len > 0 && !rule->milestones) {
        error_refuse(part->error, "it is for a counter with milestones");
        rule_prefix_place(part->error, part->config, part->group, ((Sentence *)milestones->pdata[0])->key);
        return false;
    }
    g_autoptr(GPtrArray) languages = read_languages(part, labels);
    rule->labels = languages ? make_labels(part, "label", labels, languages) : NULL;
    if (rule->labels && milestones->len > 0)
        rule->milestone_labels = make_labels(part, "milestone", milestones, languages);
    return rule->labels && (milestones->len == 0 || rule->milestone_labels);
}
