#include "domain/dialogue/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace carevoice::domain::dialogue {
namespace {

constexpr std::array<std::string_view, 20> small_numbers{
    "zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
    "ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};

constexpr std::array<std::string_view, 10> tens{"",      "",      "twenty",  "thirty", "forty",
                                                "fifty", "sixty", "seventy", "eighty", "ninety"};

// Ordinals that are not just a number and "th", and what a recogniser writes for a lone "oh" or "for".
constexpr std::array<std::pair<std::string_view, int>, 23> other_numbers{
    {{"oh", 0},        {"o", 0},         {"first", 1},       {"second", 2},     {"third", 3},      {"fifth", 5},
     {"eighth", 8},    {"ninth", 9},     {"twelfth", 12},    {"twentieth", 20}, {"thirtieth", 30}, {"fortieth", 40},
     {"fiftieth", 50}, {"sixtieth", 60}, {"seventieth", 70}, {"eightieth", 80}, {"ninetieth", 90}, {"fourty", 40},
     {"fourth", 4},    {"sixth", 6},     {"seventh", 7},     {"tenth", 10},     {"eleventh", 11}}};

bool is_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
}
bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    const auto flush = [&] {
        if (!word.empty()) words.push_back(std::move(word));
        word.clear();
    };
    for (const char c : text) {
        if (c == '\'') continue;
        if (!is_letter(c) && !is_digit(c)) {
            flush();
            continue;
        }
        if (!word.empty() && is_digit(word.back()) != is_digit(c)) flush();
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    flush();
    return words;
}

std::string padded_words(std::string_view text) {
    std::string padded = " ";
    for (const auto& word : words_of(text)) padded += word + " ";
    return padded;
}

bool has_phrase(std::string_view padded, std::string_view phrase) {
    if (phrase.empty()) return false;
    const bool open_end = phrase.back() == '*';
    if (open_end) phrase.remove_suffix(1);
    const std::string needle = " " + std::string(phrase) + (open_end ? "" : " ");
    return padded.find(needle) != std::string_view::npos;
}

bool affirms_phrase(std::string_view padded, std::string_view phrase) {
    constexpr std::array<std::string_view, 14> denials{"not",     "no",       "never",   "dont",  "wont",
                                                       "cant",    "isnt",     "arent",   "didnt", "doesnt",
                                                       "wouldnt", "shouldnt", "without", "nor"};
    constexpr std::size_t words_before = 3;
    if (phrase.empty()) return false;
    const bool open_end = phrase.back() == '*';
    if (open_end) phrase.remove_suffix(1);
    const std::string needle = " " + std::string(phrase) + (open_end ? "" : " ");
    for (auto at = padded.find(needle); at != std::string_view::npos; at = padded.find(needle, at + 1)) {
        const auto before = words_of(padded.substr(0, at));
        const auto from = before.end() - static_cast<std::ptrdiff_t>(std::min(words_before, before.size()));
        const bool denied = std::any_of(
            from, before.end(), [&](const auto& word) { return std::ranges::find(denials, word) != denials.end(); });
        if (!denied) return true;
    }
    return false;
}

std::optional<int> number_word(std::string_view word) {
    const auto look_up = [](std::string_view text) -> std::optional<int> {
        if (const auto* small = std::ranges::find(small_numbers, text); small != small_numbers.end())
            return static_cast<int>(small - small_numbers.begin());
        if (const auto* ten = std::ranges::find(tens, text); !text.empty() && ten != tens.end())
            return static_cast<int>(ten - tens.begin()) * 10;
        return std::nullopt;
    };
    if (const auto plain = look_up(word)) return plain;
    for (const auto& [name, value] : other_numbers)
        if (name == word) return value;
    if (word.size() > 4 && word.ends_with("th")) return look_up(word.substr(0, word.size() - 2));
    return std::nullopt;
}

std::string in_words(int number) {
    if (number < 0 || number > 100) return std::to_string(number);
    if (number == 100) return "one hundred";
    if (number < 20) return std::string(small_numbers[static_cast<std::size_t>(number)]);
    std::string text(tens[static_cast<std::size_t>(number / 10)]);
    if (number % 10 != 0) text += "-" + std::string(small_numbers[static_cast<std::size_t>(number % 10)]);
    return text;
}

std::string phone_in_words(std::string_view e164) {
    std::string digits;
    for (const char c : e164)
        if (is_digit(c)) digits += c;
    if (digits.size() == 11 && digits.front() == '1') digits.erase(0, 1);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0) text += digits.size() - i == 4 || digits.size() - i == 7 ? ", " : " ";
        text += small_numbers[static_cast<std::size_t>(digits[i] - '0')];
    }
    return text;
}

}  // namespace carevoice::domain::dialogue
