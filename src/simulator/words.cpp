#include "simulator/words.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

namespace carevoice::simulator {

namespace {

std::string straighten(std::string_view text) {
    static constexpr std::string_view curly = "\xE2\x80\x99";
    std::string out = to_lower_ascii(text);
    for (auto at = out.find(curly); at != std::string::npos; at = out.find(curly, at))
        out.replace(at, curly.size(), "'");
    return out;
}

bool is_digit(char character) {
    return std::isdigit(static_cast<unsigned char>(character)) != 0;
}

/// "9 1 1" is how a voice is made to say 911.
std::string join_spaced_digits(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between =
            text[i] == ' ' && i > 0 && i + 1 < text.size() && is_digit(text[i - 1]) && is_digit(text[i + 1]);
        if (!between) out += text[i];
    }
    return out;
}

std::optional<int> number_word(const std::string& word) {
    static const std::map<std::string, int, std::less<>> numbers{
        {"zero", 0},       {"oh", 0},           {"one", 1},         {"two", 2},         {"three", 3},
        {"four", 4},       {"five", 5},         {"six", 6},         {"seven", 7},       {"eight", 8},
        {"nine", 9},       {"ten", 10},         {"eleven", 11},     {"twelve", 12},     {"thirteen", 13},
        {"fourteen", 14},  {"fifteen", 15},     {"sixteen", 16},    {"seventeen", 17},  {"eighteen", 18},
        {"nineteen", 19},  {"twenty", 20},      {"thirty", 30},     {"forty", 40},      {"fifty", 50},
        {"sixty", 60},     {"seventy", 70},     {"eighty", 80},     {"ninety", 90},     {"hundred", 100},
        {"first", 1},      {"second", 2},       {"third", 3},       {"fourth", 4},      {"fifth", 5},
        {"sixth", 6},      {"seventh", 7},      {"eighth", 8},      {"ninth", 9},       {"tenth", 10},
        {"eleventh", 11},  {"twelfth", 12},     {"thirteenth", 13}, {"fourteenth", 14}, {"fifteenth", 15},
        {"sixteenth", 16}, {"seventeenth", 17}, {"eighteenth", 18}, {"nineteenth", 19}, {"twentieth", 20},
        {"thirtieth", 30},
    };
    const auto found = numbers.find(word);
    if (found == numbers.end()) return std::nullopt;
    return found->second;
}

/// "14th" and "3rd" lose their endings.
std::string without_ordinal(std::string word) {
    const auto digits = std::ranges::find_if_not(word, [](unsigned char c) { return std::isdigit(c) != 0; });
    const auto count = static_cast<std::size_t>(digits - word.begin());
    const auto ending = word.substr(count);
    if (count > 0 && (ending == "st" || ending == "nd" || ending == "rd" || ending == "th")) word.resize(count);
    return word;
}

bool is_number(const std::string& word) {
    return std::ranges::all_of(word, [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Years are spoken in two halves: "1957" is "19 57", as "nineteen fifty-seven" is.
void add_word(std::vector<std::string>& words, const std::string& word) {
    if (word.size() == 4 && is_number(word)) {
        words.push_back(word.substr(0, 2));
        words.push_back(word.substr(2));
    } else {
        words.push_back(word);
    }
}

/// Numbers that sound like another word.
bool sounds_alike(std::string_view number, std::string_view word) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> pairs = {
        {{"1", "won"}, {"2", "to"}, {"2", "too"}, {"4", "for"}, {"8", "ate"}}};
    return std::ranges::find(pairs, std::pair(number, word)) != pairs.end();
}

/// Names are written as they sound: "Albrecht" and "Albritt" are the same to whoever only hears them.
bool same_word(const std::string& said, const std::string& heard) {
    constexpr std::size_t stem = 4;
    if (said == heard || sounds_alike(said, heard)) return true;
    return said.size() > stem && heard.size() > stem && said.compare(0, stem, heard, 0, stem) == 0;
}

/// Spoken numbers in a row ("5 25 66") are often written as one ("52566"): takes such a one apart as it was said.
void split_joined_numbers(const std::vector<std::string>& said, std::vector<std::string>& heard) {
    for (std::size_t begin = 0; begin < said.size(); ++begin) {
        std::string joined;
        for (std::size_t end = begin; end < said.size() && is_number(said[end]); ++end) {
            joined += said[end];
            const auto at = end == begin ? heard.end() : std::ranges::find(heard, joined);
            if (at == heard.end()) continue;
            const auto first = said.begin() + static_cast<std::ptrdiff_t>(begin);
            *at = *first;
            heard.insert(at, first + 1, said.begin() + static_cast<std::ptrdiff_t>(end) + 1);
            break;
        }
    }
}

}  // namespace

std::vector<std::string> normal_words(std::string_view text) {
    std::vector<std::string> raw;
    std::string word;
    for (const char character : straighten(text) + ' ') {
        if (character == '\'') continue;
        if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
            word += character;
        } else if (!word.empty()) {
            raw.push_back(without_ordinal(word));
            word.clear();
        }
    }
    std::vector<std::string> words;
    std::optional<int> tens;  // "fifty" waits for "seven"
    for (const auto& each : raw) {
        const auto number = number_word(each);
        if (tens && number && *number > 0 && *number < 10) {
            words.back() = std::to_string(*tens + *number);
            tens.reset();
            continue;
        }
        add_word(words, number ? std::to_string(*number) : each);
        const bool is_tens = number && *number >= 20 && *number < 100;
        tens = is_tens ? number : std::nullopt;
    }
    return words;
}

double word_overlap(std::string_view said, std::string_view heard) {
    const auto wanted = normal_words(said);
    if (wanted.empty()) return 1;
    auto left = normal_words(heard);
    split_joined_numbers(wanted, left);
    std::size_t found = 0;
    for (const auto& word : wanted) {
        const auto at = std::ranges::find_if(left, [&](const std::string& each) { return same_word(word, each); });
        if (at == left.end()) continue;
        left.erase(at);
        ++found;
    }
    return static_cast<double>(found) / static_cast<double>(wanted.size());
}

bool contains_phrase(std::string_view text, std::string_view piece) {
    const auto whole = straighten(text);
    const auto wanted = straighten(piece);
    return whole.find(wanted) != std::string::npos || join_spaced_digits(whole).find(wanted) != std::string::npos;
}

}  // namespace carevoice::simulator
