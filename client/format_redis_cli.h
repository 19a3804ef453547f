// Replies as redis-cli 7.0 prints them, byte for byte: scripts and eyes are used to it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/resp/reply_parser.h"

namespace ringhold::client {

// For people: (integer) 1, "quoted", 1) "a", (nil), (error) ERR ...; ends with a newline.
std::string format_for_terminal(const ReplyValue& reply);

// For pipes: the bytes alone, one element per line; without the newline that stands behind each reply.
std::string format_raw(const ReplyValue& reply);

// Whether this command's reply is a text for people already (INFO, CLIENT LIST, ...), which a terminal gets
// raw.
bool replies_with_text(std::span<const std::string> args);

// `bytes` in double quotes, what is not printable ASCII as \n or \xNN.
std::string quoted(std::string_view bytes);

}  // namespace ringhold::client
