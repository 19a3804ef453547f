// The one place where backups meet cereal: portable binary archives over a string, without a copy in between,
// and input that believes no length beyond the bytes that are left.
#pragma once

#include <cereal/archives/portable_binary.hpp>
#include <cstdint>
#include <istream>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace ringhold {

// The pointer goes in as an rvalue: from an lvalue, cereal 1.3 takes the size of an element to be that of the
// pointer.
inline auto byte_run(char* data, std::size_t bytes) {
  return cereal::binary_data(static_cast<char*>(data), bytes);
}
inline auto byte_run(const char* data, std::size_t bytes) {
  return cereal::binary_data(static_cast<const char*>(data), bytes);
}

class ArchiveWriter {
 public:
  template <typename Number>
  void number(Number value) {
    archive_(value);
  }
  void run(std::string_view bytes) {
    number(static_cast<std::uint32_t>(bytes.size()));
    raw(bytes);
  }
  void raw(std::string_view bytes) { archive_(byte_run(bytes.data(), bytes.size())); }

  // Writes over a number that stands `at` bytes from the start.
  template <typename Number>
  void put_back(std::size_t at, Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
      sink_.bytes[at + i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
    }
  }

  std::size_t bytes() const { return sink_.bytes.size(); }
  std::string take() { return std::move(sink_.bytes); }

 private:
  struct Sink final : std::streambuf {
    std::streamsize xsputn(const char* data, std::streamsize count) override {
      bytes.append(data, static_cast<std::size_t>(count));
      return count;
    }
    int_type overflow(int_type byte) override {
      bytes.push_back(static_cast<char>(byte));
      return byte;
    }
    std::string bytes;
  };

  Sink sink_;
  std::ostream stream_{&sink_};
  cereal::PortableBinaryOutputArchive archive_{stream_,
                                               cereal::PortableBinaryOutputArchive::Options::LittleEndian()};
};

// Throws cereal::Exception at the first thing that cannot be. `body` outlives it.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string_view body) : source_(body), archive_(stream_) {}

  template <typename Number>
  Number number() {
    Number value{};
    archive_(value);
    return value;
  }
  std::string run() {
    const std::size_t bytes = number<std::uint32_t>();
    if (bytes > left()) throw cereal::Exception("a length goes beyond the end of its chunk");
    return raw(bytes);
  }
  std::string raw(std::size_t bytes) {
    std::string text(bytes, '\0');
    archive_(byte_run(text.data(), bytes));
    return text;
  }
  std::size_t left() const { return source_.left(); }

 private:
  struct Source final : std::streambuf {
    explicit Source(std::string_view body) {
      char* begin = const_cast<char*>(body.data());  // never written to: there is no put area
      setg(begin, begin, begin + body.size());
    }
    std::size_t left() const { return static_cast<std::size_t>(egptr() - gptr()); }
  };

  Source source_;
  std::istream stream_{&source_};
  cereal::PortableBinaryInputArchive archive_;
};

}  // namespace ringhold
