#include "cluster/topology/servers_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cluster/topology/located_json.h"
#include "cluster/topology/server_address.h"
#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold {

namespace {

constexpr std::string_view kExample = R"({"servers": [{"name": "a", "replicas": ["127.0.0.1:9444"]}]})";
constexpr std::string_view kShortExample = R"([{"addr": "127.0.0.1:9444"}])";

// From the tree to its meaning. Each function reads one kind of value; the first error ends all.
class FileReader {
 public:
  Result<ServersFile> read(const JsonValue& root);

 private:
  Result<const JsonValue*> find_servers(const JsonValue& root);
  Result<void> read_entry(const JsonValue& entry);
  Result<void> read_shard(const JsonValue& entry);
  Result<void> read_short_shard(const JsonValue& entry);
  Result<void> read_name(const JsonValue& value, ShardSpec& shard);
  Result<void> read_replicas(const JsonValue& list, ShardSpec& shard);
  Result<void> read_replica(const JsonValue& value, ShardSpec& shard);
  Result<void> add_shard(ShardSpec shard, std::size_t line);

  ServersFile file_;
  std::map<std::string, std::size_t> name_lines_;
  std::map<Address, std::size_t> address_lines_;
};

Result<void> read_weight(const JsonValue& value, ShardSpec& shard) {
  const std::uint64_t* weight = value.number();
  if (weight == nullptr || *weight < 1 || *weight > limits::kWeightMax) {
    return error_at(value.line, "\"weight\" is {}; write a whole number from 1 to {}", value.description(),
                    limits::kWeightMax);
  }
  shard.weight = static_cast<std::uint32_t>(*weight);
  return {};
}

Error unknown_member(const JsonMember& member, std::string_view known) {
  return error_at(member.line, "unknown member \"{}\"; known here: {}", printable(member.name), known);
}

Result<ServersFile> FileReader::read(const JsonValue& root) {
  file_.short_form = root.array() != nullptr;
  const auto list = file_.short_form ? &root : find_servers(root);
  if (!list) return list.error();
  const JsonValue& servers = **list;
  if (servers.array() == nullptr) {
    return error_at(servers.line, "\"servers\" is {}; write a list, as in {}", servers.description(),
                    kExample);
  }
  if (servers.array()->empty()) {
    return error_at(servers.line, "there are no shards; list at least one, as in {}", kExample);
  }
  for (const JsonValue& entry : *servers.array()) {
    if (auto read = read_entry(entry); !read) return read.error();
  }
  std::sort(file_.servers.begin(), file_.servers.end(),
            [](const ShardSpec& a, const ShardSpec& b) { return a.name < b.name; });
  return std::move(file_);
}

Result<const JsonValue*> FileReader::find_servers(const JsonValue& root) {
  if (root.object() == nullptr) {
    return error_at(root.line, "the file holds {}; write {}", root.description(), kExample);
  }
  const JsonValue* servers = nullptr;
  for (const JsonMember& member : *root.object()) {
    if (member.name == "servers") {
      servers = &member.value;
    } else if (member.name == "epoch") {
      const std::uint64_t* epoch = member.value.number();
      if (epoch == nullptr) {
        return error_at(member.value.line, "\"epoch\" is {}; proxies write it, leave it as it was",
                        member.value.description());
      }
      file_.epoch = *epoch;
    } else if (member.name != "$schema") {
      return unknown_member(member, R"("servers", "epoch", "$schema")");
    }
  }
  if (servers == nullptr) {
    return error_at(root.line, "\"servers\" is missing; write {}", kExample);
  }
  return servers;
}

Result<void> FileReader::read_entry(const JsonValue& entry) {
  if (entry.object() == nullptr) {
    return error_at(entry.line, "a shard is an object, not {}; write {}", entry.description(),
                    file_.short_form ? kShortExample : kExample);
  }
  return file_.short_form ? read_short_shard(entry) : read_shard(entry);
}

Result<void> FileReader::read_shard(const JsonValue& entry) {
  ShardSpec shard;
  const JsonValue* replicas = nullptr;
  std::size_t name_line = entry.line;
  for (const JsonMember& member : *entry.object()) {
    Result<void> read;
    if (member.name == "name") {
      name_line = member.line;
      read = read_name(member.value, shard);
    } else if (member.name == "weight") {
      read = read_weight(member.value, shard);
    } else if (member.name == "replicas") {
      replicas = &member.value;
      read = read_replicas(member.value, shard);
    } else if (member.name == "addr") {
      read = error_at(member.line, R"("addr" belongs to the short form; here write "name" and "replicas")");
    } else {
      read = unknown_member(member, R"("name", "weight", "replicas")");
    }
    if (!read) return read;
  }
  if (shard.name.empty()) {
    return error_at(entry.line, R"(a shard has no "name"; give it one, as in "name": "a")");
  }
  if (replicas == nullptr) {
    return error_at(entry.line, R"(shard '{}' has no "replicas"; write "replicas": ["127.0.0.1:9444"])",
                    shard.name);
  }
  return add_shard(std::move(shard), name_line);
}

Result<void> FileReader::read_name(const JsonValue& value, ShardSpec& shard) {
  if (value.string() == nullptr || !is_shard_name(*value.string())) {
    return error_at(value.line, "\"name\" is {}; write 1 to {} letters, digits and . : _ - [ ]",
                    value.description(), limits::kShardNameBytesMax);
  }
  shard.name = *value.string();
  return {};
}

Result<void> FileReader::read_replicas(const JsonValue& list, ShardSpec& shard) {
  if (list.array() == nullptr || list.array()->empty()) {
    return error_at(list.line, R"("replicas" is {}; list 1 to {} addresses, as in ["127.0.0.1:9444"])",
                    list.array() == nullptr ? list.description() : "empty", limits::kReplicasMax);
  }
  for (const JsonValue& value : *list.array()) {
    if (shard.replicas.size() == limits::kReplicasMax) {
      return error_at(value.line, "a shard has at most {} replicas; remove the others from this list",
                      limits::kReplicasMax);
    }
    if (auto read = read_replica(value, shard); !read) return read;
  }
  return {};
}

Result<void> FileReader::read_replica(const JsonValue& value, ShardSpec& shard) {
  if (value.string() == nullptr) {
    return error_at(value.line, "an address is a text, not {}; write \"127.0.0.1:9444\"",
                    value.description());
  }
  auto address = parse_server_address(*value.string());
  if (!address) return error_at(value.line, "{}", address.error().message);
  const auto [seen, fresh] = address_lines_.emplace(*address, value.line);
  if (!fresh) {
    return error_at(value.line,
                    "the address {} stands twice (first on line {}); each replica needs one of its own",
                    *value.string(), seen->second);
  }
  shard.replicas.push_back(std::move(*address));
  return {};
}

Result<void> FileReader::read_short_shard(const JsonValue& entry) {
  ShardSpec shard;
  for (const JsonMember& member : *entry.object()) {
    Result<void> read;
    if (member.name == "addr") {
      read = read_replica(member.value, shard);
    } else if (member.name == "weight") {
      read = read_weight(member.value, shard);
    } else if (member.name == "name" || member.name == "replicas") {
      read = error_at(member.line, R"("{}" belongs to the long form; write {})", member.name, kExample);
    } else {
      read = unknown_member(member, R"("addr", "weight")");
    }
    if (!read) return read;
  }
  if (shard.replicas.empty()) {
    return error_at(entry.line, R"(a shard has no "addr"; write {})", kShortExample);
  }
  shard.name = shard.replicas.front().text();
  if (!is_shard_name(shard.name)) {
    return error_at(entry.line, "the address {} is too long to be a name; use the long form: {}", shard.name,
                    kExample);
  }
  return add_shard(std::move(shard), entry.line);
}

Result<void> FileReader::add_shard(ShardSpec shard, std::size_t line) {
  const auto [seen, fresh] = name_lines_.emplace(shard.name, line);
  if (!fresh) {
    return error_at(line, "the name '{}' stands twice (first on line {}); each shard needs one of its own",
                    shard.name, seen->second);
  }
  if (file_.servers.size() == limits::kShardsMax) {
    return error_at(line, "more than {} shards; remove some", limits::kShardsMax);
  }
  file_.servers.push_back(std::move(shard));
  return {};
}

}  // namespace

bool is_shard_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".:_-[]").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= limits::kShardNameBytesMax &&
         std::all_of(name.begin(), name.end(), allowed);
}

Result<ServersFile> parse_servers_file(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return error_at(1, "the file is empty; write {}", kExample);
  }
  const auto root = parse_located_json(text);
  if (!root) return root.error();
  return FileReader().read(*root);
}

// Names and hosts hold no character that JSON would want escaped.
std::string format_servers_file(const ServersFile& file) {
  std::string text = "{\n";
  if (file.epoch) text += fmt::format("  \"epoch\": {},\n", *file.epoch);
  text += "  \"servers\": [";
  const char* separator = "\n";
  for (const ShardSpec& shard : file.servers) {
    std::string replicas;
    for (const Address& address : shard.replicas) {
      replicas += fmt::format("{}\"{}\"", replicas.empty() ? "" : ", ", address.text());
    }
    text += fmt::format(R"({}    {{"name": "{}", "weight": {}, "replicas": [{}]}})", separator, shard.name,
                        shard.weight, replicas);
    separator = ",\n";
  }
  return text + "\n  ]\n}\n";
}

}  // namespace ringhold
