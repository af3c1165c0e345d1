// Text to the word pieces of an uncased BERT vocabulary: lower case, accents off, punctuation apart, then the longest
// known pieces from the left (WordPiece; Wu et al. 2016, Devlin et al. 2019).
#pragma once

#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace carevoice::ai {

/// Immutable after load: share it between threads.
class WordPieces {
public:
    /// `vocabulary`: one piece a line, its number is its line; must hold [CLS], [SEP] and [UNK]. Errc::corrupt.
    static Result<WordPieces> load(std::string_view vocabulary);

    /// [CLS] pieces [SEP], at most `limit` (>= 2) of them: what does not fit is cut off. Bytes that are no UTF-8 are
    /// left out.
    [[nodiscard]] std::vector<std::int32_t> encode(std::string_view text, std::size_t limit) const;

    [[nodiscard]] std::size_t size() const { return ids_.size(); }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };

    void add_word(std::string_view word, std::vector<std::int32_t>& ids) const;

    std::unordered_map<std::string, std::int32_t, Hash, std::equal_to<>> ids_;
    std::int32_t begin_ = 0;
    std::int32_t end_ = 0;
    std::int32_t unknown_ = 0;
};

}  // namespace carevoice::ai
