#include "common/json/keep.h"

#include <algorithm>
#include <utility>

#include "common/base/number.h"
#include "common/json/copying_handler.h"

namespace common::json {

/// Copies the kept values of a document, each with the beginnings of the containers around it.
class Keeper : public CopyingHandler<Keeper> {
 public:
  Keeper(const Source& source, const KeepList::Node& root)
      : CopyingHandler(source), current_({&root}), is_current_kept_(root.is_kept) {}

  /// Precondition: the parser has read the whole text.
  std::string Result() { return result_.empty() ? "{}" : std::move(result_); }

 private:
  friend class CopyingHandler<Keeper>;
  using Nodes = std::vector<const KeepList::Node*>;

  /// An open container that may hold something to keep.
  struct Container {
    bool is_array = false;
    bool has_kept = false;
    std::size_t index = 0;          ///< Of the next element.
    std::size_t begin_of_next = 0;  ///< The end of the last member, or of the opening bracket.
    std::string_view head;          ///< Its text up to its first member: `"name": {`.
    Nodes nodes;
  };

  void BeginElement() {
    if (open_.empty() || !open_.back().is_array) return;
    Container& in = open_.back();
    StartMember(in);
    for (const KeepList::Node* node : in.nodes) {
      if (node->every_element != nullptr) Follow(*node->every_element);
      const auto found = node->elements.find(in.index);
      if (found != node->elements.end()) Follow(*found->second);
    }
    ++in.index;
  }

  void BeginMember(std::string_view name) {
    Container& in = open_.back();
    StartMember(in);
    for (const KeepList::Node* node : in.nodes) {
      const auto found = node->below.find(name);
      if (found != node->below.end()) Follow(*found->second);
    }
  }

  void StartMember(const Container& in) {
    // Only white space and a comma stand between two members.
    begin_ = source().text().find_first_not_of(" \t\r\n,", in.begin_of_next);
    current_.clear();
    is_current_kept_ = false;
  }

  void Follow(const KeepList::Node& node) {
    current_.push_back(&node);
    is_current_kept_ = is_current_kept_ || node.is_kept;
  }

  bool Open(bool is_array) {
    if (open_.empty()) begin_ = source().Tell();
    if (is_current_kept_ || current_.empty()) return false;
    const std::size_t end = source().Tell() + 1;
    open_.push_back({.is_array = is_array,
                     .begin_of_next = end,
                     .head = source().text().substr(begin_, end - begin_),
                     .nodes = std::move(current_)});
    current_.clear();
    return true;
  }

  void Close() {
    if (opened_ == open_.size()) {
      result_.push_back(open_.back().is_array ? ']' : '}');
      --opened_;
    }
    open_.pop_back();
    is_current_kept_ = false;  // Its members were judged one by one.
  }

  void EndValue(std::size_t end) {
    if (open_.empty()) {
      const std::string_view text = source().text();
      const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
      if (is_current_kept_) result_.append(text.substr(begin, end - begin));
      return;
    }
    open_.back().begin_of_next = end;
    if (!is_current_kept_) return;
    for (; opened_ < open_.size(); ++opened_) {
      if (opened_ > 0) Separate(open_[opened_ - 1]);
      result_.append(open_[opened_].head);
    }
    Separate(open_.back());
    result_.append(source().text().substr(begin_, end - begin_));
  }

  void Separate(Container& in) {
    if (std::exchange(in.has_kept, true)) result_.push_back(',');
  }

  std::vector<Container> open_;
  std::size_t opened_ = 0;  ///< How many of them the result has.
  std::size_t begin_ = 0;   ///< Of the current member, with its name.
  Nodes current_;           ///< The places at the current member.
  bool is_current_kept_ = false;
  std::string result_;
};

KeepList::KeepList(const std::vector<Pointer>& pointers) {
  for (const Pointer& pointer : pointers) {
    Node* node = &root_;
    for (const std::string& name : pointer) {
      std::unique_ptr<Node>& next = node->below[name];
      if (!next) next = std::make_unique<Node>();
      if (name == "*") node->every_element = next.get();
      const auto index = ParseNumber<std::size_t>(name);
      if (index && std::to_string(*index) == name) node->elements[*index] = next.get();
      node = next.get();
    }
    node->is_kept = true;
  }
}

std::optional<std::string> KeepList::Keep(std::string_view json) const {
  Source source(json);
  Keeper keeper(source, root_);
  if (!ReadAll(source, keeper)) return std::nullopt;
  return keeper.Result();
}

}  // namespace common::json
