/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/gateway.h"

#define GROUP "gateway"

void gateway_configure(Gateway *gateway, const Config *config)
{
    gateway->config = config;
    gateway->heartbeat_us = config_milliseconds(config, GROUP, "heartbeat") * 1000;
    gateway->send_timeout_us = config_milliseconds(config, GROUP, "send-timeout") * 1000;
    gateway->handshake_timeout_us = config_milliseconds(config, GROUP, "handshake-timeout") * 1000;
    gateway->drain_us = config_milliseconds(config, GROUP, "drain") * 1000;
    gateway->max_message = (size_t)config_bytes(config, GROUP, "max-message");
    gateway->message_rate = (unsigned)config_integer(config, GROUP, "message-rate");
}
