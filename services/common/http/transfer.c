/* SPDX-License-Identifier: Apache-2.0 */
#include "common/http/transfer.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* At most this much in one turn of the loop. */
#define TURN ((size_t)1024 * 1024)

void http_transfer_init(HttpTransfer *transfer, const HttpAnswer *answer, bool keep_alive, bool with_body)
{
    transfer->head = http_answer_finish_head(answer, keep_alive);
    transfer->body = with_body ? g_bytes_ref(answer->body) : g_bytes_new_static("", 0);
    transfer->sent = 0;
}

void http_transfer_clear(HttpTransfer *transfer)
{
    if (transfer->head == NULL)
        return;
    g_string_free(transfer->head, TRUE);
    g_bytes_unref(transfer->body);
    *transfer = (HttpTransfer){0};
}

HttpTransferState http_transfer_send(HttpTransfer *transfer, int fd)
{
    gsize body_size = 0;
    const char *body = g_bytes_get_data(transfer->body, &body_size);
    size_t head_sent = MIN(transfer->sent, transfer->head->len);
    size_t body_sent = transfer->sent - head_sent;
    struct iovec parts[] = {
        {.iov_base = transfer->head->str + head_sent, .iov_len = transfer->head->len - head_sent},
        {.iov_base = (char *)body + body_sent, .iov_len = MIN(body_size - body_sent, TURN)},
    };
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = G_N_ELEMENTS(parts)};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (sent < 0)
        return errno == EAGAIN || errno == EINTR ? TRANSFER_BLOCKED : TRANSFER_FAILED;
    transfer->sent += (size_t)sent;
    return transfer->sent == transfer->head->len + body_size ? TRANSFER_DONE : TRANSFER_BLOCKED;
}
