#include "domain/dialogue/heard.h"

#include "core/text.h"

#include <algorithm>

namespace carevoice::domain::dialogue {

std::uint32_t stable_hash(std::string_view text) noexcept {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

std::vector<std::string_view> pieces_of(std::string_view text) {
    std::vector<std::string_view> pieces;
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool stop = text[at] == '.' || text[at] == '?' || text[at] == '!';
        if (!stop || (at + 1 < text.size() && text[at + 1] != ' ' && text[at + 1] != '|')) continue;
        pieces.push_back(text.substr(from, at + 1 - from));
        from = at + 1;
    }
    if (from < text.size()) pieces.push_back(text.substr(from));
    return pieces;
}

std::vector<std::string> sentences_of(std::string_view text) {
    std::vector<std::string> sentences;
    for (const auto piece : pieces_of(text)) {
        std::string sentence(piece);
        std::erase(sentence, '|');
        if (const auto trimmed = trim(sentence); !trimmed.empty()) sentences.emplace_back(trimmed);
    }
    return sentences;
}

bool is_heard(std::string_view sentence, std::span<const std::uint32_t> heard) {
    return std::ranges::find(heard, stable_hash(sentence)) != heard.end();
}

void add_heard(std::vector<std::uint32_t>& heard, std::string_view text) {
    for (const auto& sentence : sentences_of(text))
        if (!is_heard(sentence, heard)) heard.push_back(stable_hash(sentence));
}

std::string without_heard(std::string_view text, std::span<const std::uint32_t> heard) {
    std::string kept;
    bool asks = false;
    for (const auto piece : pieces_of(text)) {
        const auto sentences = sentences_of(piece);
        if (sentences.empty()) continue;
        asks = !is_heard(sentences.front(), heard);
        if (asks) kept += piece;
    }
    return asks ? std::string(trim(kept)) : std::string();
}

}  // namespace carevoice::domain::dialogue
