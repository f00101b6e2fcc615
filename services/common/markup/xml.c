/* SPDX-License-Identifier: Apache-2.0 */
#include "common/markup/xml.h"

#include <glib.h>
#include <libxml/parser.h>

void xml_set_up(void)
{
    static gsize done;

    if (g_once_init_enter(&done)) {
        xmlInitParser();
        g_once_init_leave(&done, 1);
    }
}
