#include "ai/guard_words.h"

#include <algorithm>

namespace carevoice::ai {

namespace {

constexpr std::size_t shortest_stem = 3;

// English endings, longest first. Crude on purpose: both sides go through it, so only sameness counts.
std::string stem(std::string word) {
    for (const std::string_view ending : {"ness", "ings", "ing", "ies", "ed", "es", "ly", "s", "e", "y"}) {
        if (word.size() < ending.size() + shortest_stem || !word.ends_with(ending)) continue;
        word.resize(word.size() - ending.size());
        const bool doubled = word.size() > shortest_stem && word[word.size() - 1] == word[word.size() - 2];
        if (doubled && word.back() != 's' && word.back() != 'l') word.pop_back();
        if (word.size() > shortest_stem && (word.back() == 'e' || word.back() == 'i' || word.back() == 'y'))
            word.pop_back();
        break;
    }
    return word;
}

}  // namespace

void WordList::add(std::string_view word) {
    if (word.ends_with('*')) {
        beginnings_.emplace_back(word.substr(0, word.size() - 1));
    } else {
        words_.emplace(word);
    }
}

bool WordList::has(const std::string& word) const {
    return words_.contains(word) ||
           std::ranges::any_of(beginnings_, [&](const std::string& begin) { return word.starts_with(begin); });
}

void WordKin::add_family(const std::vector<std::string>& words) {
    for (const std::string& word : words) families_.try_emplace(word, words.front());
}

std::string WordKin::of(const std::string& word) const {
    const auto family = families_.find(word);
    return stem(family == families_.end() ? word : family->second);
}

}  // namespace carevoice::ai
