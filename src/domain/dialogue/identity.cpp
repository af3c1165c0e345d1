#include "domain/dialogue/identity.h"

#include "domain/dialogue/words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <string>
#include <vector>

namespace carevoice::domain::dialogue {
namespace {

constexpr double similarity_least = 0.6;

/// A rough sound class for each consonant, blank for letters that are not heard apart; runs are squeezed.
std::string sound_of(std::string_view word) {
    std::string sound;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char c = static_cast<char>(std::tolower(static_cast<unsigned char>(word[i])));
        const char next =
            i + 1 < word.size() ? static_cast<char>(std::tolower(static_cast<unsigned char>(word[i + 1]))) : '\0';
        char mark = c;
        switch (c) {
            case 'a':
            case 'e':
            case 'i':
            case 'o':
            case 'u':
            case 'y': mark = sound.empty() ? 'a' : '\0'; break;
            case 'h': mark = '\0'; break;
            case 'c': mark = next == 'e' || next == 'i' || next == 'h' || next == 'z' ? 's' : 'k'; break;
            case 'q':
            case 'g':
            case 'k': mark = 'k'; break;
            case 'x':
            case 'z':
            case 'j':
            case 's': mark = 's'; break;
            case 'b':
            case 'p': mark = 'p'; break;
            case 'd':
            case 't': mark = 't'; break;
            case 'f':
            case 'v':
            case 'w': mark = 'f'; break;
            case 'm':
            case 'n': mark = 'n'; break;
            default: break;
        }
        if (mark != '\0' && (sound.empty() || sound.back() != mark)) sound += mark;
    }
    return sound;
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t changed = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

double similarity(std::string_view left, std::string_view right) {
    const auto longest = std::max(left.size(), right.size());
    if (longest == 0) return 0.0;
    return 1.0 - static_cast<double>(edit_distance(left, right)) / static_cast<double>(longest);
}

/// One to three neighbouring words run together, since a rare name breaks into common words ("oil iran").
bool hears_name(const std::vector<std::string>& words, std::string_view name) {
    for (std::size_t from = 0; from < words.size(); ++from) {
        std::string joined;
        for (std::size_t count = 0; count < 3 && from + count < words.size(); ++count) {
            joined += words[from + count];
            if (sounds_like(joined, name)) return true;
        }
    }
    return false;
}

constexpr std::array<std::string_view, 21> relations{
    "husband", "wife",   "son",      "daughter", "mother",   "father",    "mom",
    "dad",     "sister", "brother",  "friend",   "partner",  "spouse",    "nephew",
    "niece",   "aunt",   "neighbor", "uncle",    "grandson", "caregiver", "roommate"};

bool has_any(std::string_view padded, std::initializer_list<std::string_view> phrases) {
    return std::ranges::any_of(phrases, [&](std::string_view phrase) { return has_phrase(padded, phrase); });
}

/// "This is Ruth's husband", "Ruth is my mother".
bool is_relative_of(std::string_view padded, const std::string& name) {
    return std::ranges::any_of(relations, [&](std::string_view relation) {
        const std::string kin(relation);
        return has_phrase(padded, name + "s " + kin) || has_phrase(padded, name + " is my " + kin);
    });
}

/// "This is his wife, …" right at the beginning.
bool introduces_relative(const std::vector<std::string>& words, const std::string& name) {
    std::string head = " ";
    for (std::size_t i = 0; i < std::min<std::size_t>(words.size(), 7); ++i) head += words[i] + " ";
    return std::ranges::any_of(relations, [&](std::string_view relation) {
        for (const auto* lead : {"this is ", "im ", "i am ", "its "})
            for (const auto& whose : {std::string("his "), std::string("her "), std::string("their "), name + "s "})
                if (has_phrase(head, lead + whose + std::string(relation))) return true;
        return false;
    });
}

bool says_absent(std::string_view padded) {
    return has_any(padded, {"not home", "isnt home", "not here", "isnt here", "not available", "not in right now",
                            "hes out", "shes out", "hes asleep", "shes asleep", "hes sleeping", "shes sleeping",
                            "hes at", "shes at", "come to the phone"});
}

bool speaks_of_another(std::string_view padded) {
    return says_absent(padded) ||
           has_any(padded, {"this is his", "this is her", "im his", "im her", "i am his", "i am her", "his wife",
                            "her husband", "his daughter", "her daughter", "his son", "her son"});
}

/// "This is Anna", "Anna speaking".
bool names_self(std::string_view padded, const std::string& name) {
    if (name.empty()) return false;
    for (const auto* lead : {"this is ", "im ", "i am ", "its ", "my name is ", "my names "})
        if (has_phrase(padded, lead + name)) return true;
    return has_phrase(padded, name + " speaking") || has_phrase(padded, name + " here");
}

std::string first_word(std::string_view name) {
    const auto words = words_of(name);
    return words.empty() ? std::string() : words.front();
}

}  // namespace

bool sounds_like(std::string_view heard, std::string_view name) {
    const auto letters = [](std::string_view text) {
        std::string out;
        for (const auto& word : words_of(text)) out += word;
        return out;
    };
    const auto left = letters(heard);
    const auto right = letters(name);
    if (left.empty() || right.empty()) return false;
    if (left == right) return true;
    if (left.size() < 3 || right.size() < 3) return false;
    // Lengths far apart are different words, whatever their consonants.
    if (left.size() * 2 < right.size() || right.size() * 2 < left.size()) return false;
    const auto spelled = similarity(left, right);
    const auto heard_sound = sound_of(left);
    const auto name_sound = sound_of(right);
    if (name_sound.size() >= 3 && similarity(heard_sound, name_sound) >= 0.75 && spelled >= 0.4) return true;
    return spelled >= (right.size() <= 4 ? 0.75 : similarity_least) &&
           heard_sound.substr(0, 1) == name_sound.substr(0, 1);
}

IdentityHeard hear_identity(std::string_view text, const Patient& patient) {
    IdentityHeard heard;
    const auto words = words_of(text);
    heard.name = hears_name(words, patient.first_name) || hears_name(words, patient.last_name);
    heard.date_of_birth = hear_date(text, patient.date_of_birth);
    const auto padded = padded_words(text);
    auto name = padded_words(patient.first_name);
    name = name.substr(1, name.size() < 2 ? 0 : name.size() - 2);
    heard.self = names_self(padded, name);
    heard.absent = says_absent(padded);
    heard.introduced = introduces_relative(words, name);
    heard.other_person =
        heard.introduced || speaks_of_another(padded) || (!name.empty() && is_relative_of(padded, name));
    if (!patient.caregiver) return heard;
    const auto caregiver = first_word(patient.caregiver->name);
    heard.caregiver_name = hears_name(words, caregiver);
    if (caregiver != first_word(patient.first_name) && names_self(padded, caregiver)) {
        heard.introduced = true;
        heard.other_person = true;
    }
    return heard;
}

bool hear_last_digits(std::string_view text, std::string_view phone) {
    constexpr std::size_t asked = 4;
    if (phone.size() < asked) return false;
    const auto wanted = phone.substr(phone.size() - asked);
    std::string run;
    bool after_tens = false;
    const auto fits = [&] { return run.ends_with(wanted) && (run.size() == asked || run.size() >= 7); };
    for (const auto& word : words_of(text)) {
        const auto number = number_word(word);
        const bool tens = number && *number >= 20;
        if (std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
            run += word;
        } else if (word == "hundred" && !run.empty()) {
            run += "00";
        } else if (number) {
            if (after_tens && *number < 10 && *number > 0) run.pop_back();
            run += std::to_string(*number);
        } else {
            if (fits()) return true;
            run.clear();
        }
        after_tens = tens;
    }
    return fits();
}

}  // namespace carevoice::domain::dialogue
