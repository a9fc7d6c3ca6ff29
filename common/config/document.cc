#include "common/config/document.h"

#include <algorithm>
#include <tuple>

#include "common/config/node.h"
#include "common/config/yaml_tree.h"

namespace common::config {
namespace {

std::string Listed(const YamlNode& node) {
  std::string keys;
  for (const std::string& key : node.known) keys += (keys.empty() ? "" : ", ") + key;
  return keys;
}

void ReportUnknownKeys(const YamlNode& node, const std::string& path, Context& context) {
  if (node.ignores_unknown_keys) return;
  for (const YamlNode::Member& member : node.members) {
    // The parser has reported this duplicate already.
    if (node.At(member.key) != member.value.get()) continue;
    const std::string member_path = JoinKey(path, member.key);
    if (!node.known.contains(member.key)) {
      context.Report(member.position, member_path, "unknown key; known here: " + Listed(node));
    } else if (member.value) {
      ReportUnknownKeys(*member.value, member_path, context);
    }
  }
}

Problems Sorted(Problems problems) {
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return problems;
}

}  // namespace

Document::Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::Parse(std::string_view text, const Environment& environment) {
  Document document;
  document.context_ = std::make_unique<Context>(Context{.environment = environment});
  document.root_ = ParseYaml(text, *document.context_);
  document.parser_problems_ = document.context_->problems.size();
  return document;
}

Section Document::root() { return {*root_, *context_, ""}; }

Problems Document::Finish() {
  if (context_->is_broken) {
    context_->problems.resize(parser_problems_);
  } else {
    ReportUnknownKeys(*root_, "", *context_);
  }
  return Sorted(context_->problems);
}

Problems Document::Doubts() const {
  return context_->problems.empty() ? Sorted(context_->doubts) : Problems();
}

}  // namespace common::config
