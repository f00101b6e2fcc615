/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/upload_window.h"

typedef enum { WAITING, SENT, BUSY, DONE } State;

typedef struct {
    uint64_t line;
    uint64_t position;
    State state;
    size_t size;
    char text[]; /* with its line end */
} UploadLine;

void upload_window_init(UploadWindow *window)
{
    *window = (UploadWindow){0};
    g_queue_init(&window->lines);
}

void upload_window_clear(UploadWindow *window)
{
    g_queue_clear_full(&window->lines, g_free);
    upload_window_init(window);
}

static State state_of(const GList *link)
{
    return ((const UploadLine *)link->data)->state;
}

static GList *first_in(GList *link, State state)
{
    while (link && state_of(link) != state)
        link = link->next;
    return link;
}

void upload_window_add(UploadWindow *window, uint64_t line, uint64_t position, const char *text, size_t size)
{
    UploadLine *added = g_malloc(sizeof *added + size + 1);
    *added = (UploadLine){.line = line, .position = position, .size = size + 1};
    memcpy(added->text, text, size);
    added->text[size] = '\n';
    g_queue_push_tail(&window->lines, added);
    window->bytes += added->size;
    if (!window->next)
        window->next = window->lines.tail;
}

bool upload_window_is_empty(const UploadWindow *window)
{
    return window->lines.length == 0;
}

bool upload_window_waits(const UploadWindow *window)
{
    return window->next != NULL;
}

bool upload_window_awaits(const UploadWindow *window)
{
    return window->awaited != NULL;
}

size_t upload_window_give(UploadWindow *window, char *buffer, size_t size, bool finish)
{
    size_t filled = 0;
    while (window->next && filled < size && (!finish || window->given > 0)) {
        UploadLine *line = window->next->data;
        size_t part = MIN(size - filled, line->size - window->given);
        memcpy(buffer + filled, line->text + window->given, part);
        filled += part;
        window->given += part;
        if (window->given < line->size)
            break;
        line->state = SENT;
        if (!window->awaited)
            window->awaited = window->next;
        window->next = first_in(window->next, WAITING);
        window->given = 0;
    }
    return filled;
}

bool upload_window_awaited(const UploadWindow *window, uint64_t *ret_line)
{
    if (!window->awaited)
        return false;
    *ret_line = ((const UploadLine *)window->awaited->data)->line;
    return true;
}

static void drop_done(UploadWindow *window)
{
    while (window->lines.head && state_of(window->lines.head) == DONE) {
        UploadLine *line = g_queue_pop_head(&window->lines);
        window->bytes -= line->size;
        window->position = line->position;
        g_free(line);
    }
}

void upload_window_answer(UploadWindow *window, bool busy)
{
    UploadLine *line = window->awaited->data;
    line->state = busy ? BUSY : DONE;
    window->busy += busy ? 1 : 0;
    window->awaited = first_in(window->awaited, SENT);
    drop_done(window);
}

void upload_window_rewind(UploadWindow *window)
{
    for (GList *link = window->lines.head; link; link = link->next) {
        UploadLine *line = link->data;
        line->state = line->state == DONE ? DONE : WAITING;
    }
    window->next = first_in(window->lines.head, WAITING);
    window->given = 0;
    window->awaited = NULL;
    window->busy = 0;
}

void upload_window_drop_waiting(UploadWindow *window)
{
    GList *link = window->given > 0 ? window->next->next : window->next;
    while (link) {
        GList *following = link->next;
        UploadLine *line = link->data;
        if (line->state == WAITING) {
            window->bytes -= line->size;
            g_free(line);
            g_queue_delete_link(&window->lines, link);
        }
        link = following;
    }
    if (window->given == 0)
        window->next = NULL;
}
