// The sentences that a call has heard from us (DialogueState::said), so that none comes twice, whoever worded it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace carevoice::domain::dialogue {

/// FNV-1a, because std::hash may differ between machines that share a call.
std::uint32_t stable_hash(std::string_view text) noexcept;

/// Sentence by sentence, with the blanks and pause marks ('|') before each.
std::vector<std::string_view> pieces_of(std::string_view text);

/// "Thank you. A six." -> "Thank you.", "A six."; without blanks around them and pause marks.
std::vector<std::string> sentences_of(std::string_view text);

bool is_heard(std::string_view sentence, std::span<const std::uint32_t> heard);

/// Notes the sentences of `text` as heard.
void add_heard(std::vector<std::uint32_t>& heard, std::string_view text);

/// `text` without the sentences that were heard before; empty when its last one was, for that is the one that asks.
std::string without_heard(std::string_view text, std::span<const std::uint32_t> heard);

}  // namespace carevoice::domain::dialogue
