#include "ai/word_pieces.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::size_t longest_word = 100;  ///< bytes; the reference tokeniser calls longer ones unknown

bool is_punctuation(char byte) {
    return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') ||
           (byte >= '{' && byte <= '~');
}

// U+00C0 to U+00FF without their accents; '\0' where there is no plain letter.
constexpr std::array<char, 64> plain_letters = [] {
    std::array<char, 64> table{};
    constexpr char row[] = {'a', 'a', 'a', 'a', 'a', 'a', 0,   'c', 'e', 'e', 'e', 'e', 'i', 'i', 'i', 'i',
                            0,   'n', 'o', 'o', 'o', 'o', 'o', 0,   0,   'u', 'u', 'u', 'u', 'y', 0,   0};
    for (std::size_t i = 0; i < 32; ++i) table[i] = table[i + 32] = row[i];
    table[63] = 'y';
    return table;
}();

// Typographic marks that recognisers and models write for plain ones.
char plain_mark(std::string_view three_bytes) {
    if (three_bytes == "\xE2\x80\x98" || three_bytes == "\xE2\x80\x99") return '\'';
    if (three_bytes == "\xE2\x80\x9C" || three_bytes == "\xE2\x80\x9D") return '"';
    if (three_bytes == "\xE2\x80\x93" || three_bytes == "\xE2\x80\x94") return '-';
    return '\0';
}

std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead < 0xE0) return 2;
    if (lead >= 0xE0 && lead < 0xF0) return 3;
    if (lead >= 0xF0 && lead < 0xF5) return 4;
    return 0;
}

// Lower-case ASCII where that is possible; other characters keep their bytes, and the vocabulary decides.
std::string normalise(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = sequence_length(lead);
        if (length == 0 || at + length > text.size()) {
            ++at;
            continue;
        }
        const std::string_view character = text.substr(at, length);
        at += length;
        if (length == 1) {
            const char byte = character.front();
            plain += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
        } else if (lead == 0xC3 && plain_letters[static_cast<unsigned char>(character[1]) & 0x3F] != '\0') {
            plain += plain_letters[static_cast<unsigned char>(character[1]) & 0x3F];
        } else if (const char mark = length == 3 ? plain_mark(character) : '\0'; mark != '\0') {
            plain += mark;
        } else {
            plain += character;
        }
    }
    return plain;
}

}  // namespace

Result<WordPieces> WordPieces::load(std::string_view vocabulary) {
    WordPieces pieces;
    std::int32_t number = 0;
    while (!vocabulary.empty()) {
        const std::size_t end = std::min(vocabulary.find('\n'), vocabulary.size());
        std::string_view line = vocabulary.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        pieces.ids_.emplace(line, number++);
        vocabulary.remove_prefix(std::min(end + 1, vocabulary.size()));
    }
    const auto number_of = [&](std::string_view piece) -> std::optional<std::int32_t> {
        const auto found = pieces.ids_.find(piece);
        return found == pieces.ids_.end() ? std::nullopt : std::optional(found->second);
    };
    const auto begin = number_of("[CLS]");
    const auto end = number_of("[SEP]");
    const auto unknown = number_of("[UNK]");
    if (!begin || !end || !unknown) {
        return Error{Errc::corrupt, "the word list of the sentence encoder lacks [CLS], [SEP] or [UNK]"};
    }
    pieces.begin_ = *begin;
    pieces.end_ = *end;
    pieces.unknown_ = *unknown;
    return pieces;
}

std::vector<std::int32_t> WordPieces::encode(std::string_view text, std::size_t limit) const {
    const std::string plain = normalise(text);
    std::vector<std::int32_t> ids{begin_};
    std::size_t start = 0;
    const auto close_word = [&](std::size_t end) {
        if (end > start) add_word(std::string_view(plain).substr(start, end - start), ids);
    };
    for (std::size_t at = 0; at < plain.size() && ids.size() < limit; ++at) {
        const bool space = static_cast<unsigned char>(plain[at]) <= ' ' || plain[at] == '\x7F';
        if (!space && !is_punctuation(plain[at])) continue;
        close_word(at);
        if (!space) add_word(std::string_view(plain).substr(at, 1), ids);
        start = at + 1;
    }
    if (ids.size() < limit) close_word(plain.size());
    if (ids.size() > limit - 1) ids.resize(limit - 1);
    ids.push_back(end_);
    return ids;
}

void WordPieces::add_word(std::string_view word, std::vector<std::int32_t>& ids) const {
    if (word.size() > longest_word) {
        ids.push_back(unknown_);
        return;
    }
    const std::size_t before = ids.size();
    std::string piece;
    for (std::size_t at = 0; at < word.size();) {
        std::size_t length = word.size() - at;
        for (; length > 0; --length) {
            piece.assign(at == 0 ? "" : "##").append(word.substr(at, length));
            const auto found = ids_.find(piece);
            if (found == ids_.end()) continue;
            ids.push_back(found->second);
            break;
        }
        if (length == 0) {
            ids.resize(before);
            ids.push_back(unknown_);
            return;
        }
        at += length;
    }
}

}  // namespace carevoice::ai
