// A list of strings as one string of bytes: what the model of a list key holds, cheap to copy, compare and
// hash, and to push to and pop from at either end.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace ringhold::sim {

// Each item stands between two copies of its length, so that it is found from either end.
class ItemList {
 public:
  ItemList() = default;
  ItemList(std::initializer_list<std::string_view> items);

  bool empty() const { return count_ == 0; }
  std::int64_t size() const { return count_; }
  void push_front(std::string_view item);
  void push_back(std::string_view item);
  // Precondition of all four: not empty.
  std::string_view front() const;
  std::string_view back() const;
  void pop_front();
  void pop_back();

  const std::string& bytes() const { return bytes_; }
  // "[a b c]", at most `items_max` of them and then how many more.
  std::string describe(std::int64_t items_max = 20) const;
  bool operator==(const ItemList& other) const { return bytes_ == other.bytes_; }

 private:
  std::string bytes_;
  std::int64_t count_ = 0;
};

}  // namespace ringhold::sim
