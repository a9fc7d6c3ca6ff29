#include "common/config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>

namespace common::config {
namespace {

Position PositionOf(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

/// Builds the tree from the parser's events, since a YAML::Node does not keep duplicate keys or the
/// position of each key.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(Context& context) : context_(context) {}

  std::unique_ptr<YamlNode> TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_) throw YAML::ParserException(mark, "the file contains more than one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (ExpectsKey()) throw YAML::ParserException(mark, "a key is missing");
    YamlNode& added = Add(YamlNode::Kind::kNull, mark);
    // `mark` is the next token's: the parser has read on.
    if (!open_.empty() && !open_.back().node->members.empty()) {
      added.position = open_.back().node->members.back().position;
    }
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    throw YAML::ParserException(mark, "anchors and aliases are not supported");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseAnchor(mark, anchor);
    if (ExpectsKey()) {
      BeginMember(mark, value);
    } else {
      Add(YamlNode::Kind::kScalar, mark).text = value;
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kSequence, mark, anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(YamlNode::Kind::kMapping, mark, anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Frame {
    YamlNode* node;
    std::string path;
    bool expects_key;
  };

  [[nodiscard]] bool ExpectsKey() const { return !open_.empty() && open_.back().expects_key; }

  static void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw YAML::ParserException(mark, "anchors and aliases are not supported");
  }

  void BeginMember(const YAML::Mark& mark, const std::string& key) {
    Frame& frame = open_.back();
    frame.expects_key = false;
    auto& members = frame.node->members;
    const auto first =
        std::find_if(members.begin(), members.end(),
                     [&](const YamlNode::Member& member) { return member.key == key; });
    if (first != members.end()) {
      context_.Report(
          PositionOf(mark), JoinKey(frame.path, key),
          "duplicate key; it is already set in line " + std::to_string(first->position.line));
    }
    members.push_back({key, PositionOf(mark), nullptr});
  }

  YamlNode& Add(YamlNode::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_unique<YamlNode>();
    node->kind = kind;
    node->position = PositionOf(mark);
    YamlNode& added = *node;
    if (open_.empty()) {
      root_ = std::move(node);
    } else if (Frame& frame = open_.back(); frame.node->kind == YamlNode::Kind::kSequence) {
      frame.node->items.push_back(std::move(node));
    } else {
      frame.node->members.back().value = std::move(node);
      frame.expects_key = true;
    }
    return added;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    constexpr std::size_t kMaxDepth = 16;
    RefuseAnchor(mark, anchor);
    if (ExpectsKey()) throw YAML::ParserException(mark, "a key must be a scalar");
    if (open_.size() >= kMaxDepth) throw YAML::ParserException(mark, "nested too deeply");
    std::string path;
    if (!open_.empty()) {
      const Frame& in = open_.back();
      path = in.node->kind == YamlNode::Kind::kSequence
                 ? in.path + "[" + std::to_string(in.node->items.size()) + "]"
                 : JoinKey(in.path, in.node->members.back().key);
    }
    YamlNode& node = Add(kind, mark);
    open_.push_back({&node, std::move(path), kind == YamlNode::Kind::kMapping});
  }

  void Close() { open_.pop_back(); }

  Context& context_;
  std::unique_ptr<YamlNode> root_;
  std::vector<Frame> open_;
};

std::unique_ptr<YamlNode> EmptyMapping() {
  auto root = std::make_unique<YamlNode>();
  root->kind = YamlNode::Kind::kMapping;
  return root;
}

/// yaml-cpp would read UTF-16 and UTF-32, and take the end-of-document mark below for a part of it.
std::optional<std::string_view> FindForeignEncoding(std::string_view text) {
  using std::string_view_literals::operator""sv;
  if (text.starts_with("\xFF\xFE\0\0"sv) || text.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) return "UTF-16";
  if (text.size() < 4 || text.substr(0, 4).find('\0') == std::string_view::npos)
    return std::nullopt;
  return std::ranges::count(text.substr(0, 4), '\0') == 3 ? "UTF-32" : "UTF-16";
}

/// The tab with which the line of a syntax error is indented. yaml-cpp often names its consequence.
std::optional<Position> FindTab(std::string_view text, int line) {
  for (int before = 1; before < line && !text.empty(); ++before) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos || text[first] != '\t') return std::nullopt;
  return Position{line, static_cast<int>(first) + 1};
}

void ReportSyntax(std::string_view text, const YAML::Exception& exception, Context& context) {
  const Position position = PositionOf(exception.mark);
  context.is_broken = true;
  if (const std::optional<Position> tab = FindTab(text, position.line)) {
    context.Report(*tab, "", "a tab in the indentation: YAML takes only spaces there");
  } else if (exception.msg == YAML::ErrorMsg::DOC_IN_SCALAR) {
    context.Report(position, "", "a quote before this position is not closed");
  } else {
    context.Report(position, "", exception.msg);
  }
}

}  // namespace

std::unique_ptr<YamlNode> ParseYaml(std::string_view text, Context& context) {
  if (const std::optional<std::string_view> encoding = FindForeignEncoding(text)) {
    context.is_broken = true;
    context.Report({1, 1}, "", "the file is in " + std::string(*encoding) + ": save it as UTF-8");
    return EmptyMapping();
  }
  TreeBuilder builder(context);
  try {
    // Append an end-of-document mark: yaml-cpp lets an unclosed quote extend to the end of the
    // file, but not across the mark.
    const bool is_last_line_whole = text.empty() || text.back() == '\n';
    std::istringstream stream(std::string(text) + (is_last_line_whole ? "...\n" : "\n...\n"));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& exception) {
    ReportSyntax(text, exception, context);
    return EmptyMapping();
  }
  std::unique_ptr<YamlNode> root = builder.TakeRoot();
  if (!root || root->kind == YamlNode::Kind::kNull) return EmptyMapping();
  if (root->kind != YamlNode::Kind::kMapping) {
    context.is_broken = true;
    context.Report(root->position, "", "the file must be a mapping: lines of `key: value`");
    return EmptyMapping();
  }
  return root;
}

}  // namespace common::config
