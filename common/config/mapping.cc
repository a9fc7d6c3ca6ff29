#include "common/config/mapping.h"

#include <algorithm>
#include <variant>

#include "common/config/expand.h"
#include "common/config/node.h"

namespace common::config {

std::string Mapping::PathOf(std::string_view key) const { return JoinKey(path_, key); }

YamlNode* Mapping::Find(std::string_view key) const {
  node_->known.emplace(key);
  return node_->At(key);
}

bool Mapping::Has(std::string_view key) const { return Find(key) != nullptr; }

bool Mapping::IsMapping(std::string_view key) const {
  const YamlNode* const node = Find(key);
  return node != nullptr && node->kind == YamlNode::Kind::kMapping;
}

void Mapping::Mistake(std::string_view key, std::string message) const {
  const YamlNode* const node = node_->At(key);
  if (node != nullptr) node_->known.emplace(key);  // Do not also report it as unknown.
  context_->Report(node != nullptr ? node->position : node_->position, PathOf(key),
                   std::move(message));
}

void Mapping::Doubt(std::string_view key, std::string message) const {
  const YamlNode* const node = node_->At(key);
  context_->Doubt(node != nullptr ? node->position : node_->position, PathOf(key),
                  std::move(message));
}

/// Shows the value only if it contains no variable: a variable may hold a secret.
bool Mapping::Wrong(std::string_view key, std::string_view expected) const {
  const YamlNode* const node = Find(key);
  std::string message = "expected " + std::string(expected);
  if (node != nullptr && node->kind == YamlNode::Kind::kScalar && !HasVariable(node->text)) {
    message += ", not '" + node->text + "'";
  }
  Mistake(key, std::move(message));
  return false;
}

std::optional<std::string> Mapping::Expand(const YamlNode& scalar, const std::string& path) const {
  auto expanded = config::Expand(scalar.text, context_->environment);
  if (auto* text = std::get_if<std::string>(&expanded)) return std::move(*text);
  context_->Report(scalar.position, path, std::move(std::get<NotExpanded>(expanded).message));
  return std::nullopt;
}

std::optional<std::string> Mapping::FindScalar(std::string_view key,
                                               std::string_view expected) const {
  YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::kScalar) {
    // The values below may be a misplaced secret.
    node->ignores_unknown_keys = true;
    Mistake(key, "expected " + std::string(expected));
    return std::nullopt;
  }
  return Expand(*node, PathOf(key));
}

std::optional<std::vector<std::string>> Mapping::FindList(std::string_view key) const {
  YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind != YamlNode::Kind::kSequence) {
    node->ignores_unknown_keys = true;
    Mistake(key, "expected a list, such as [a, b]");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& item : node->items) {
    const std::string path = PathOf(key) + "[" + std::to_string(texts.size()) + "]";
    std::optional<std::string> text;
    if (item->kind == YamlNode::Kind::kScalar) {
      text = Expand(*item, path);
      if (!text) return std::nullopt;
    }
    if (!text || text->empty()) {
      context_->Report(item->position, path, "expected a non-empty string");
      return std::nullopt;
    }
    texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<Mapping> Mapping::FindMapping(std::string_view key) const {
  YamlNode* const node = Find(key);
  if (node == nullptr) return std::nullopt;
  if (node->kind == YamlNode::Kind::kMapping) return Mapping(*node, *context_, PathOf(key));
  if (node->kind == YamlNode::Kind::kNull) {
    Doubt(key, "sets nothing: no key stands below it (a comment does not count)");
  } else {
    Mistake(key, "expected a mapping: lines of `key: value`");
  }
  return std::nullopt;
}

std::vector<std::string> Mapping::Keys() const {
  std::vector<std::string> keys;
  for (const YamlNode::Member& member : node_->members) {
    if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) keys.push_back(member.key);
  }
  return keys;
}

bool Mapping::ContainsVariable(std::string_view key) const {
  const YamlNode* const node = Find(key);
  return node != nullptr && node->kind == YamlNode::Kind::kScalar && HasVariable(node->text);
}

void Mapping::Skip(std::string_view key) const {
  if (YamlNode* const node = Find(key)) node->ignores_unknown_keys = true;
}

void Mapping::IgnoreUnknownKeys() const { node_->ignores_unknown_keys = true; }

}  // namespace common::config
