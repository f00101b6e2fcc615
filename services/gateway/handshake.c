/* SPDX-License-Identifier: Apache-2.0 */
/* A browser's script learns nothing of a refusal's status or text, but its console and everybody else do; so
 * what is wrong is answered in HTTP, and nothing that was refused costs a session. */
#include "gateway/handshake.h"

#include "common/error.h"
#include "common/http/exchange_lws.h"
#include "gateway/gateway_metrics.h"
#include "gateway/stream_query.h"

/* libwebsockets looks at no more of the list. */
#define OFFER_MAX 127

static int refuse(struct lws *wsi, Refusal refusal, int status, const char *detail)
{
    metric_add(gateway_metrics()->refusals[refusal], 1);
    gateway_metrics_answer(status);
    return http_refuse(wsi, status, detail);
}

/* NULL: absent, empty, longer than `most`, or no C string; *ret_odd tells the latter two. */
static char *copy_header(struct lws *wsi, enum lws_token_indexes token, int most, bool *ret_odd)
{
    char value[HTTP_HEADER_DATA_MAX + 1];
    int length = lws_hdr_total_length(wsi, token);

    *ret_odd = length > most;
    if (length <= 0 || length > most)
        return NULL;
    *ret_odd =
        lws_hdr_copy(wsi, value, (int)sizeof value, token) != length || strlen(value) != (size_t)length;
    return *ret_odd ? NULL : g_strdup(value);
}

bool handshake_offer_is_known(const char *offer)
{
    g_auto(GStrv) names = g_strsplit(offer, ",", -1);

    for (char **name = names; *name != NULL; name++) {
        g_strstrip(*name);
        if (strcmp(*name, SUBPROTOCOL_JSON) == 0 || strcmp(*name, SUBPROTOCOL_PROTO) == 0)
            return true;
    }
    return false;
}

static int judge_protocol(struct lws *wsi)
{
    bool odd = false;
    g_autofree char *http = copy_header(wsi, WSI_TOKEN_HTTP, 16, &odd);
    g_autofree char *version = copy_header(wsi, WSI_TOKEN_VERSION, 16, &odd);

    if (g_strcmp0(http, "HTTP/1.1") != 0)
        return refuse(wsi, REFUSED_PROTOCOL, 505, "a WebSocket begins with HTTP/1.1");
    if (g_strcmp0(version, "13") != 0)
        return refuse(wsi, REFUSED_PROTOCOL, 426, "Sec-WebSocket-Version must be 13");
    if (lws_hdr_total_length(wsi, WSI_TOKEN_KEY) != 24)
        return refuse(wsi, REFUSED_PROTOCOL, 400, "Sec-WebSocket-Key is missing or malformed");
    g_autofree char *offer = copy_header(wsi, WSI_TOKEN_PROTOCOL, OFFER_MAX, &odd);
    if (odd || (offer != NULL && !handshake_offer_is_known(offer)))
        return refuse(wsi, REFUSED_PROTOCOL, 400,
                      "Sec-WebSocket-Protocol offers neither " SUBPROTOCOL_JSON " nor " SUBPROTOCOL_PROTO);
    return 0;
}

static int judge_origin(struct lws *wsi, const Origins *origins)
{
    bool odd = false;
    g_autofree char *host = copy_header(wsi, WSI_TOKEN_HOST, HTTP_HEADER_DATA_MAX, &odd);
    g_autofree char *origin = copy_header(wsi, WSI_TOKEN_ORIGIN, HTTP_HEADER_DATA_MAX, &odd);

    if (odd || (origin != NULL && !origins_allow(origins, origin) && !origins_is_own(origin, host)))
        return refuse(wsi, REFUSED_ORIGIN, 403, "this origin may not connect");
    return 0;
}

/* libwebsockets makes a "/" of an empty parameter at the end. */
static bool is_empty_parameter(const char *parameter)
{
    return parameter[0] == '\0' || strcmp(parameter, "/") == 0;
}

static int judge_query(struct lws *wsi, ClientMessage **ret_request)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_autoptr(GError) error = NULL;
    char parameter[HTTP_HEADER_DATA_MAX + 1];

    for (int i = 0;
         lws_hdr_copy_fragment(wsi, parameter, (int)sizeof parameter, WSI_TOKEN_HTTP_URI_ARGS, i) >= 0; i++)
        if (!is_empty_parameter(parameter))
            g_strv_builder_add(builder, parameter);
    g_auto(GStrv) parameters = g_strv_builder_end(builder);
    if (!stream_query_parse((const char *const *)parameters, ret_request, &error))
        return refuse(wsi, REFUSED_QUERY, 400, error->message);
    return 0;
}

int handshake_judge(struct lws *wsi, const Gateway *gateway, ClientMessage **ret_request)
{
    if (judge_protocol(wsi) != 0 || judge_origin(wsi, gateway->origins) != 0)
        return -1;
    if (!consumer_caught_up(gateway->consumer))
        return refuse(wsi, REFUSED_NOT_READY, 503, "the service is starting");
    return judge_query(wsi, ret_request);
}
