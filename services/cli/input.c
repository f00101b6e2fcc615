/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/error.h"
#include "common/formats/json_lines.h"

#define CHUNK 65536
/* A first line of JSON lines that is longer is no statement. */
#define HEAD_MAX ((size_t)2 * 1024 * 1024)

struct Input {
    char *name;
    int fd;
    uint64_t size;
    GByteArray *head; /* read to find out the kind, and not given yet */
    bool given;       /* by the last input_read() */
    bool at_end;
    char buffer[CHUNK];
};

Input *input_open(const char *path, GError **error)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd = standard_input ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct stat status = {0};

    if (fd < 0 || fstat(fd, &status) < 0) {
        g_set_error(error, DAYWIRE_ERROR, errno == ENOENT ? DAYWIRE_ERROR_NOT_FOUND : DAYWIRE_ERROR_FAILED,
                    "%s: %s", standard_input ? "standard input" : path, g_strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return NULL;
    }
    Input *input = g_new0(Input, 1);
    input->name = g_strdup(standard_input ? "standard input" : path);
    input->fd = fd;
    off_t at = S_ISREG(status.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    input->size = at >= 0 && at < status.st_size ? (uint64_t)(status.st_size - at) : 0;
    input->head = g_byte_array_new();
    return input;
}

void input_close(Input *input)
{
    if (!input)
        return;
    (void)close(input->fd); /* it was only read */
    g_clear_pointer(&input->head, g_byte_array_unref);
    g_free(input->name);
    g_free(input);
}

const char *input_name(const Input *input)
{
    return input->name;
}

uint64_t input_size(const Input *input)
{
    return input->size;
}

int input_fd(const Input *input)
{
    return input->fd;
}

static ssize_t read_chunk(Input *input, GError **error)
{
    ssize_t size = read(input->fd, input->buffer, CHUNK);
    if (size < 0 && errno == EINTR)
        return -2;
    if (size < 0)
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_FAILED, "%s: %s", input->name, g_strerror(errno));
    input->at_end = size == 0;
    return size;
}

InputKind input_kind(Input *input, GError **error)
{
    size_t looked_at = 0;
    for (;;) {
        /* Looked at each time that it has doubled. */
        bool look = input->head->len >= 2 * looked_at || input->at_end || input->head->len >= HEAD_MAX;
        JsonLinesVerdict verdict =
            look ? json_lines_probe((const char *)input->head->data, input->head->len, input->at_end)
                 : JSON_LINES_UNKNOWN;
        looked_at = look ? input->head->len : looked_at;
        if (verdict != JSON_LINES_UNKNOWN)
            return verdict == JSON_LINES_YES ? INPUT_LINES : INPUT_WHOLE;
        if (input->head->len >= HEAD_MAX)
            return INPUT_WHOLE;
        ssize_t size = read_chunk(input, error);
        if (size < 0)
            return size == -2 ? INPUT_UNKNOWN : INPUT_FAILED;
        g_byte_array_append(input->head, (const guint8 *)input->buffer, (guint)size);
    }
}

bool input_has_more(const Input *input)
{
    return input->at_end || (input->head->len > 0 && !input->given);
}

ssize_t input_read(Input *input, const char **ret_data, GError **error)
{
    if (input->given) {
        g_byte_array_unref(input->head);
        input->head = g_byte_array_new();
        input->given = false;
    }
    if (input->head->len > 0) {
        input->given = true;
        *ret_data = (const char *)input->head->data;
        return (ssize_t)input->head->len;
    }
    if (input->at_end)
        return 0;
    *ret_data = input->buffer;
    return read_chunk(input, error);
}

GBytes *input_read_whole(Input *input, size_t max, GError **error)
{
    while (!input->at_end && input->head->len <= max) {
        ssize_t size = read_chunk(input, error);
        if (size == -1)
            return NULL;
        if (size > 0)
            g_byte_array_append(input->head, (const guint8 *)input->buffer, (guint)size);
    }
    if (input->head->len > max) {
        g_set_error(error, DAYWIRE_ERROR, DAYWIRE_ERROR_TOO_LARGE,
                    "%s: larger than %zu bytes; a file of any length is taken with one JSON object a line",
                    input->name, max);
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&input->head));
}
