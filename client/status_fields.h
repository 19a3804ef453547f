// Reading the document of CLUSTER STATUS, which somebody else made: whatever is missing, or of another type,
// is just not there.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ringhold::client {

using Json = nlohmann::json;

const Json& field(const Json& object, const char* name);    // null if it is not there
std::string text_of(const Json& object, const char* name);  // printable; empty if it is not there
std::optional<double> number_of(const Json& object, const char* name);
std::vector<Json> list_of(const Json& object, const char* name);

// A replica's "up", "down", "connecting"; a reason may follow: "down: connection refused".
struct ReplicaState {
  std::string word;
  std::string reason;
};
ReplicaState state_of(const Json& replica);

// Numbers for people; "-" for none.
std::string count_text(std::optional<double> number);  // 1,234,567
std::string bytes_text(std::optional<double> bytes);   // 1.5 KB
std::string dash_if_empty(const std::string& text);

}  // namespace ringhold::client
