/* SPDX-License-Identifier: Apache-2.0 */
#include "common/error.h"

/* Not G_DEFINE_QUARK: that one is a data race at its first use. */
GQuark daywire_error_quark(void)
{
    static gsize quark;
    if (g_once_init_enter(&quark))
        g_once_init_leave(&quark, g_quark_from_static_string("daywire-error"));
    return (GQuark)quark;
}

bool error_refuse(GError **error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, DAYWIRE_ERROR, DAYWIRE_ERROR_INVALID, message);
    return false;
}
