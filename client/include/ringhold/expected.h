// Expected<T>: what a call gives, a value or a Failure. Nothing here throws.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <variant>

namespace ringhold {

class Reply;

// Why there is no value. `kind` says what may be done about it, `message` is one sentence for a person.
struct Failure {
  enum class Kind {
    kUsage,           // options (a file is missing) or commands (empty) that cannot work; nothing was tried
    kNotConnected,    // there was no connection to send it on: not executed, safe to call again
    kNoReply,         // a command that only reads got no reply: nothing was changed, safe to call again
    kUnknownOutcome,  // a command that may write got no reply: it may have taken effect, or may still do so
    kErrorReply,      // the server refused the command; `code` is the first word of what it said
    kWrongType,       // there is a reply, but not of the type that was asked for
    kTooLarge,        // more was put into the pipeline than it may hold, so none of it was sent
  };

  Kind kind = Kind::kNotConnected;
  std::string message{};
  // Of kErrorReply, and of kUnknownOutcome where a proxy said so: "WRONGTYPE", "CLUSTERDOWN", "UNCERTAIN".
  std::string code{};

  bool outcome_unknown() const { return kind == Kind::kUnknownOutcome; }
};

namespace detail {
// A value was taken that is not there: says so on stderr and aborts.
[[noreturn]] void misused(const char* what, const std::string& message);
}  // namespace detail

template <typename T>
class [[nodiscard]] Expected {
 public:
  Expected(T value) : state_(std::move(value)) {}            // NOLINT(google-explicit-constructor)
  Expected(Failure failure) : state_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Precondition: ok(). What is taken from a temporary is a value, never a reference into it.
  T& value() & { return get(); }
  const T& value() const& { return const_cast<Expected*>(this)->get(); }
  T value() && { return std::move(get()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(get()); }
  T* operator->() { return &get(); }
  const T* operator->() const { return &value(); }

  T value_or(T other) const& { return ok() ? value() : std::move(other); }
  T value_or(T other) && { return ok() ? std::move(get()) : std::move(other); }

  // Precondition: !ok().
  const Failure& failure() const {
    if (ok()) detail::misused("there is no failure", "");
    return *std::get_if<1>(&state_);
  }

  // Of a reply: its value as a U, or this failure, or what makes it no U. See reply.h for what fits what.
  template <typename U>
  requires std::same_as<T, Reply> Expected<U> as()
  const& {
    if (!ok()) return failure();
    return value().template as<U>();
  }
  template <typename U>
  requires std::same_as<T, Reply> Expected<U> as() && {
    if (!ok()) return failure();
    return std::move(get()).template as<U>();
  }

 private:
  T& get() {
    if (!ok()) detail::misused("there is no value", std::get_if<1>(&state_)->message);
    return *std::get_if<0>(&state_);
  }

  std::variant<T, Failure> state_;
};

}  // namespace ringhold
