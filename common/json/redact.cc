#include "common/json/redact.h"

#include <algorithm>

#include "common/json/copying_handler.h"

namespace common::json {
namespace {

/// Copies a document's text without the members and elements that the pointers name.
///
/// The text of a member extends from the end of the previous member, or the opening bracket, to the
/// end of its value: it includes the preceding comma. Everything before `copied_` is copied or
/// omitted.
class Redactor : public CopyingHandler<Redactor> {
 public:
  Redactor(const Source& source, const std::vector<Pointer>& pointers) : CopyingHandler(source) {
    for (const Pointer& pointer : pointers) {
      is_all_redacted_ = is_all_redacted_ || pointer.empty();
      if (!pointer.empty()) all_.push_back(&pointer);
    }
  }

  /// Precondition: the parser has read the whole text.
  std::string Result() {
    if (is_all_redacted_) return "null";
    result_.append(source().text().substr(copied_, end_ - copied_));
    result_.erase(0, std::min(result_.find_first_not_of(" \t\r\n"), result_.size()));
    return std::move(result_);
  }

 private:
  friend class CopyingHandler<Redactor>;
  using Candidates = std::vector<const Pointer*>;

  struct Container {
    bool is_array = false;
    std::size_t index = 0;          ///< Of the next element.
    std::size_t begin_of_next = 0;  ///< The start of the next member's text.
    bool has_kept = false;          ///< The result contains an earlier member.
    bool is_redacted = false;       ///< The current member is.
    Candidates candidates;          ///< Pointers that lead through this container.
    Candidates of_member;           ///< … and on through the current member.
  };

  void BeginElement() {
    if (open_.empty() || !open_.back().is_array) return;
    BeginMember(open_.back().candidates.empty() ? std::string()
                                                : std::to_string(open_.back().index));
  }

  void BeginMember(std::string_view name) {
    const std::size_t depth = open_.size();
    Container& in = open_.back();
    in.of_member.clear();
    in.is_redacted = false;
    for (const Pointer* pointer : in.candidates) {
      if ((*pointer)[depth - 1] != name) continue;
      if (pointer->size() == depth) in.is_redacted = true;
      if (pointer->size() > depth) in.of_member.push_back(pointer);
    }
    if (in.is_redacted) {
      CopyUpTo(in.begin_of_next);
    } else if (!in.has_kept && in.index > 0) {
      copied_ = source().text().find(',', in.begin_of_next) + 1;
    }
    in.has_kept = in.has_kept || !in.is_redacted;
    ++in.index;
  }

  void EndValue(std::size_t end) {
    if (open_.empty()) {
      end_ = end;
      return;
    }
    open_.back().begin_of_next = end;
    if (open_.back().is_redacted) copied_ = end;
  }

  bool Open(bool is_array) {
    if (!open_.empty() && open_.back().is_redacted) return false;
    Container opened;
    opened.is_array = is_array;
    opened.begin_of_next = source().Tell() + 1;
    opened.candidates = open_.empty() ? all_ : open_.back().of_member;
    open_.push_back(std::move(opened));
    return true;
  }

  void Close() { open_.pop_back(); }

  void CopyUpTo(std::size_t end) {
    result_.append(source().text().substr(copied_, end - copied_));
    copied_ = end;
  }

  Candidates all_;
  bool is_all_redacted_ = false;
  std::vector<Container> open_;
  std::size_t copied_ = 0;
  std::size_t end_ = 0;
  std::string result_;
};

}  // namespace

std::optional<std::string> Redact(std::string_view json, const std::vector<Pointer>& pointers) {
  Source source(json);
  Redactor redactor(source, pointers);
  if (!ReadAll(source, redactor)) return std::nullopt;
  return redactor.Result();
}

}  // namespace common::json
