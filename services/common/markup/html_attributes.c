/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/html_attributes.h"

#include "common/markup/html_characters.h"
#include "common/markup/html_link.h"
#include "common/statement_rules.h"

#define NUMBER_DIGITS_MAX 6
#define SPAN_MAX          100 /* a table is no place for a picture out of cells */

static const HtmlAttribute common_attributes[] = {{"lang", HTML_ANY_LANGUAGE}, {"dir", HTML_DIRECTION}};

/* The value with single spaces and without any around it. */
static char *clean_words(const char *value)
{
    g_autoptr(GString) clean = g_string_new(NULL);
    bool space = false;
    for (; *value; value = g_utf8_next_char(value)) {
        gunichar c = html_character(g_utf8_get_char(value));
        if (c && !html_is_space(c)) {
            if (space && clean->len > 0)
                g_string_append_c(clean, ' ');
            g_string_append_unichar(clean, c);
        }
        space = html_is_space(c) || (space && !c);
    }
    return g_string_free(g_steal_pointer(&clean), FALSE);
}

static bool is_one_of(const char *value, const char *const *words)
{
    return g_strv_contains(words, value);
}

static bool is_number(const char *value, size_t digits_max)
{
    size_t digits = strspn(value, "0123456789");
    return digits > 0 && digits <= digits_max && value[digits] == '\0';
}

/* Whether the value is sound; may write it in its usual form. */
static bool settle(HtmlValue kind, char *value)
{
    static const char *const directions[] = {"ltr", "rtl", "auto", NULL};
    static const char *const scopes[] = {"row", "col", "rowgroup", "colgroup", NULL};

    switch (kind) {
    case HTML_ANY_LANGUAGE:
        return language_normalise(value);
    case HTML_DIRECTION:
    case HTML_SCOPE:
        for (char *at = value; *at; at++)
            *at = g_ascii_tolower(*at);
        return is_one_of(value, kind == HTML_SCOPE ? scopes : directions);
    case HTML_WORDS:
        return *value && strlen(value) <= HTML_WORDS_MAX;
    case HTML_NUMBER:
        return is_number(*value == '-' ? value + 1 : value, NUMBER_DIGITS_MAX);
    case HTML_SPAN:
        return is_number(value, 3) && *value != '0' && g_ascii_strtoull(value, NULL, 10) <= SPAN_MAX;
    case HTML_INSTANT:
        return *value && strlen(value) <= 40 && strspn(value, "0123456789TZPYMWDHS:.,+- ") == strlen(value);
    default:
        return true;
    }
}

static void append(GString *html, const char *name, const char *value)
{
    g_string_append_printf(html, " %s=\"", name);
    for (; *value; value = g_utf8_next_char(value))
        html_escape(html, g_utf8_get_char(value));
    g_string_append_c(html, '"');
}

static void write_one(GString *html, const HtmlAttribute *attribute, const char *value)
{
    g_autofree char *clean = attribute->value == HTML_LINK      ? html_link_clean(value)
                             : attribute->value == HTML_PRESENT ? g_strdup("")
                                                                : clean_words(value);
    if (!clean || !settle(attribute->value, clean))
        return;
    append(html, attribute->name, clean);
    if (attribute->value == HTML_LINK)
        append(html, "rel", HTML_LINK_REL);
}

static const char *find_value(const char *const *attributes, const char *name)
{
    for (; *attributes; attributes += 2) {
        if (strcmp(attributes[0], name) == 0)
            return attributes[1] ? attributes[1] : "";
    }
    return NULL;
}

static void write_those(GString *html, const HtmlAttribute *allowed, size_t count,
                        const char *const *attributes)
{
    for (size_t i = 0; i < count && allowed[i].name; i++) {
        const char *value = find_value(attributes, allowed[i].name);
        if (value)
            write_one(html, &allowed[i], value);
    }
}

char *html_attributes_write(const HtmlElement *element, const char *const *attributes)
{
    g_autoptr(GString) html = g_string_new(NULL);
    write_those(html, element->attributes, G_N_ELEMENTS(element->attributes), attributes);
    write_those(html, common_attributes, G_N_ELEMENTS(common_attributes), attributes);
    return g_string_free(g_steal_pointer(&html), FALSE);
}
