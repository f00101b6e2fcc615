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
