#include "domain/word_agreement.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace carevoice::domain {

namespace {

constexpr std::size_t words_max = 20'000;
constexpr std::array<std::string_view, 21> numbers = {
    "zero",     "one",     "two",     "three",     "four",     "five",     "six",
    "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",   "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"};

std::string in_words(std::string word) {
    const auto number = parse_digits(word);
    if (!number || *number >= numbers.size()) return word;
    return std::string(numbers[static_cast<std::size_t>(*number)]);
}

}  // namespace

std::vector<std::string> comparable_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty()) words.push_back(in_words(std::move(word)));
        word.clear();
    };
    for (const char c : to_lower_ascii(text)) {
        const bool is_of_word =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
        if (is_of_word)
            word += c;
        else if (c != '\'')  // "don't" is one word
            finish();
    }
    finish();
    return words;
}

double word_agreement(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    const std::size_t rows = std::min(left.size(), words_max);
    const std::size_t columns = std::min(right.size(), words_max);
    if (rows == 0 && columns == 0) return 1;
    // Levenshtein's distance, one row at a time.
    std::vector<std::size_t> edits(columns + 1);
    for (std::size_t column = 0; column <= columns; ++column) edits[column] = column;
    for (std::size_t row = 1; row <= rows; ++row) {
        std::size_t diagonal = edits[0];
        edits[0] = row;
        for (std::size_t column = 1; column <= columns; ++column) {
            const std::size_t replaced = diagonal + (left[row - 1] == right[column - 1] ? 0 : 1);
            diagonal = edits[column];
            edits[column] = std::min({edits[column] + 1, edits[column - 1] + 1, replaced});
        }
    }
    return 1 - static_cast<double>(edits[columns]) / static_cast<double>(std::max(rows, columns));
}

bool contains_words(const std::vector<std::string>& text, const std::vector<std::string>& words) {
    return std::ranges::search(text, words).begin() != text.end() || words.empty();
}

}  // namespace carevoice::domain
