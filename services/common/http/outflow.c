/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/outflow.h"

#include <errno.h>
#include <sys/socket.h>

/* Sent bytes are dropped from the front when they are more, so that moving the rest costs little. */
#define SENT_MAX ((size_t)64 * 1024)

void http_outflow_begin(HttpOutflow *outflow, GString *head, bool chunked)
{
    *outflow = (HttpOutflow){.bytes = head, .chunked = chunked};
}

void http_outflow_add(HttpOutflow *outflow, const char *data, size_t size)
{
    if (size == 0) /* an empty chunk would be the last one */
        return;
    if (outflow->chunked)
        g_string_append_printf(outflow->bytes, "%zx\r\n", size);
    g_string_append_len(outflow->bytes, data, (gssize)size);
    if (outflow->chunked)
        g_string_append(outflow->bytes, "\r\n");
}

void http_outflow_end(HttpOutflow *outflow)
{
    if (outflow->chunked)
        g_string_append(outflow->bytes, "0\r\n\r\n");
}

void http_outflow_clear(HttpOutflow *outflow)
{
    if (outflow->bytes)
        g_string_free(outflow->bytes, TRUE);
    *outflow = (HttpOutflow){0};
}

size_t http_outflow_pending(const HttpOutflow *outflow)
{
    return outflow->bytes ? outflow->bytes->len - outflow->sent : 0;
}

HttpTransferState http_outflow_send(HttpOutflow *outflow, int fd, size_t *moved)
{
    size_t pending = http_outflow_pending(outflow);
    if (pending == 0)
        return TRANSFER_DONE;
    ssize_t sent = send(fd, outflow->bytes->str + outflow->sent, pending, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? TRANSFER_BLOCKED : TRANSFER_FAILED;
    *moved += (size_t)sent;
    outflow->sent += (size_t)sent;
    if (outflow->sent == outflow->bytes->len || outflow->sent > SENT_MAX) {
        g_string_erase(outflow->bytes, 0, (gssize)outflow->sent);
        outflow->sent = 0;
    }
    return outflow->bytes->len == outflow->sent ? TRANSFER_DONE : TRANSFER_BLOCKED;
}
