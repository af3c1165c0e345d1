#include "speech/text_filter.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <span>

namespace carevoice::speech {

namespace {

bool is_alphanumeric(char c) {
    // Bytes over 127 belong to letters of other alphabets.
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool joins_word(std::string_view text, std::size_t at) {
    if (at == 0 || at + 1 >= text.size()) return false;
    if (text[at] == '\'') return is_alphanumeric(text[at - 1]) && is_alphanumeric(text[at + 1]);
    if (text[at] == '.') return is_digit(text[at - 1]) && is_digit(text[at + 1]);
    return false;
}

std::string joined(std::span<const std::string> words) {
    std::string out;
    for (const auto& word : words) {
        if (!out.empty()) out += ' ';
        out += word;
    }
    return out;
}

bool has_spoken_character(std::string_view text) {
    return std::ranges::any_of(text, is_alphanumeric);
}

/// Text between `open` and `close` is a remark unless it holds a digit. An opening without an end reaches to the end.
void remove_enclosed(std::string& text, char open, char close) {
    std::size_t from = 0;
    for (;;) {
        const std::size_t start = text.find(open, from);
        if (start == std::string::npos) return;
        const std::size_t end = std::min(text.find(close, start + 1), text.size() - 1);
        const auto inside = std::string_view(text).substr(start, end - start + 1);
        if (std::ranges::any_of(inside, is_digit)) {
            from = end + 1;
            if (from >= text.size()) return;
            continue;
        }
        text.replace(start, end - start + 1, " ");
        from = start;
    }
}

/// `by` does not contain `what`.
void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at))
        text.replace(at, what.size(), by);
}

bool is_one_of(std::string_view text, std::span<const std::string_view> list) {
    return std::ranges::find(list, text) != list.end();
}

}  // namespace

std::vector<std::string> plain_words(std::string_view text) {
    std::string straight(text);
    replace_all(straight, "\u2019", "'");
    std::vector<std::string> words;
    std::string word;
    for (std::size_t i = 0; i < straight.size(); ++i) {
        const char c = straight[i];
        if (is_alphanumeric(c) || joins_word(straight, i)) {
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

std::string remove_sound_remarks(std::string_view text) {
    std::string out(text);
    for (const std::string_view note : {"\u266a", "\u266b", "\u266c", "\u2669"}) replace_all(out, note, " ");
    remove_enclosed(out, '[', ']');
    remove_enclosed(out, '(', ')');
    remove_enclosed(out, '*', '*');
    replace_all(out, "  ", " ");
    std::string trimmed(trim(out));
    return has_spoken_character(trimmed) ? trimmed : std::string{};
}

Phantom phantom_phrase(std::string_view text) {
    static constexpr std::array<std::string_view, 14> certain = {
        "thanks for watching",
        "thank you for watching",
        "thank you so much for watching",
        "thanks for watching and don't forget to subscribe",
        "please subscribe",
        "like and subscribe",
        "please like and subscribe",
        "subscribe to my channel",
        "don't forget to subscribe",
        "see you in the next video",
        "i'll see you in the next video",
        "subtitles by the amara org community",
        "www",
        "silence",
    };
    static constexpr std::array<std::string_view, 19> possible = {
        "you",
        "thank you",
        "thanks",
        "thank you very much",
        "thank you so much",
        "bye",
        "bye bye",
        "okay",
        "ok",
        "oh",
        "so",
        "the",
        "i",
        "i'm sorry",
        "a",
        "hmm",
        "all right",
        "uh",
        "um",
    };
    const auto words = plain_words(text);
    const std::string plain = joined(words);
    if (is_one_of(plain, certain) || plain.starts_with("subtitles by") || plain.starts_with("www ")) {
        return Phantom::certain;
    }
    if (is_one_of(plain, possible) || (plain.size() == 1 && !is_digit(plain.front()))) return Phantom::possible;
    return Phantom::no;
}

namespace {

/// The words as written, with the plain form of each beside it.
struct Written {
    std::vector<std::string> words;
    std::vector<std::string> plain;
};

Written split(std::string_view text) {
    Written result;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const auto word = text.substr(at, end - at);
        const auto plain = plain_words(word);
        if (!plain.empty()) {
            result.words.emplace_back(word);
            result.plain.push_back(joined(plain));
        } else if (!word.empty() && !result.words.empty()) {
            result.words.back().append(" ").append(word);
        }
        at = end + 1;
    }
    return result;
}

int copies_at(const std::vector<std::string>& plain, std::size_t start, std::size_t length) {
    int copies = 1;
    for (std::size_t next = start + length; next + length <= plain.size(); next += length, ++copies)
        if (!std::equal(plain.begin() + static_cast<std::ptrdiff_t>(start),
                        plain.begin() + static_cast<std::ptrdiff_t>(start + length),
                        plain.begin() + static_cast<std::ptrdiff_t>(next)))
            break;
    return copies;
}

}  // namespace

Repetition collapse_repetition(std::string_view text) {
    Written written = split(text);
    Repetition result{.text = std::string(text), .count = 1};
    const auto drop = [&written](std::size_t from, std::size_t count) {
        const auto first = static_cast<std::ptrdiff_t>(from);
        const auto last = static_cast<std::ptrdiff_t>(from + count);
        written.words.erase(written.words.begin() + first, written.words.begin() + last);
        written.plain.erase(written.plain.begin() + first, written.plain.begin() + last);
    };
    for (std::size_t length = 1; length <= 12; ++length) {
        for (std::size_t start = 0; start + length <= written.plain.size(); ++start) {
            const int copies = copies_at(written.plain, start, length);
            if (copies < 3) continue;
            result.count = std::max(result.count, copies);
            drop(start + length, length * static_cast<std::size_t>(copies - 1));
        }
    }
    const std::size_t half = written.plain.size() / 2;
    if (half > 0 && written.plain.size() % 2 == 0 && copies_at(written.plain, 0, half) == 2) {
        result.count = std::max(result.count, 2);
        drop(half, half);
    }
    if (result.count > 1) result.text = joined(written.words);
    return result;
}

bool is_faster_than_speech(std::string_view text, milliseconds duration) {
    constexpr double words_per_second_max = 5;
    return static_cast<double>(plain_words(text).size()) >
           words_per_second_max * std::chrono::duration<double>(duration).count();
}

bool echoes_prompt(std::string_view text, std::string_view prompt) {
    const auto said = plain_words(text);
    const auto given = plain_words(prompt);
    if (said.size() < 2) return false;
    return !std::ranges::search(given, said).empty();
}

bool mentions_red_flag(std::string_view text) {
    static constexpr std::array<std::string_view, 33> flags = {
        "chest pain",          "chest hurts",       "chest is hurting",  "chest is tight",    "pain in my chest",
        "can't breathe",       "cannot breathe",    "can't breath",      "hard to breathe",   "struggling to breathe",
        "catch my breath",     "short of breath",   "trouble breathing", "passed out",        "blacked out",
        "passing out",         "heart attack",      "having a stroke",   "face is drooping",  "kill myself",
        "end my life",         "want to die",       "call 911",          "call an ambulance", "need an ambulance",
        "coughing up blood",   "throwing up blood", "vomiting blood",    "bleeding a lot",    "won't stop bleeding",
        "bleeding won't stop", "soaked with blood", "help me",
    };
    static constexpr std::array<std::string_view, 12> denials = {
        "no", "not", "never", "without", "don't", "didn't", "any", "haven't", "isn't", "denies", "doesn't", "nor"};
    const auto words = plain_words(text);
    for (const auto flag : flags) {
        const auto needle = plain_words(flag);
        auto from = words.begin();
        for (;;) {
            const auto found = std::search(from, words.end(), needle.begin(), needle.end());
            if (found == words.end()) break;
            const auto before = std::max(words.begin(), found - std::min<std::ptrdiff_t>(5, found - words.begin()));
            const bool denied =
                std::any_of(before, found, [](const std::string& word) { return is_one_of(word, denials); });
            if (!denied) return true;
            from = found + 1;
        }
    }
    return false;
}

}  // namespace carevoice::speech
