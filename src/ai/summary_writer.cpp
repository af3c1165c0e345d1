#include "ai/summary_writer.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace carevoice::ai {

namespace {

constexpr std::size_t statements_max = 60;
constexpr std::size_t text_bytes_max = 4'000;
constexpr int tokens_max = 700;
constexpr std::string_view alert_label = "Alert,";

constexpr std::string_view rules =
    "You arrange the statements of a telephone call's summary so that a nurse reads it easily. Each statement stands "
    "under a mark such as [3]. Answer with JSON only: \"speak\" is the summary as text in which each mark stands "
    "exactly once, in the place of its statement. Never write out a statement, a number or a fact. Begin with [1]; "
    "then "
    "the marks of all alerts in their order; then the others, those together that belong together. Between the marks "
    "write only full stops, commas, colons, new lines, and at most a few of these words: ";

constexpr std::string_view schema =
    R"({"type":"object","properties":{"speak":{"type":"string"}},"required":["speak"],"additionalProperties":false})";

/// None of these says, denies or weighs anything.
constexpr auto connecting_words = std::to_array<std::string_view>(
    {"about", "addition", "also",    "and",     "answers", "as",   "at",   "besides", "call", "during", "finally",
     "first", "for",      "from",    "further", "here",    "in",   "is",   "most",    "next", "of",     "on",
     "other", "overall",  "patient", "summary", "the",     "then", "this", "to",      "with"});

bool is_mark(char c) {
    return c == '[' || c == ']';
}

bool is_connecting(std::string_view word) {
    return std::ranges::find(connecting_words, to_lower_ascii(word)) != connecting_words.end();
}

/// The text between two marks.
bool is_harmless(std::string_view text) {
    std::string word;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        const char c = at < text.size() ? text[at] : ' ';
        if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
            word += c;
            continue;
        }
        if (!word.empty() && !is_connecting(word)) return false;
        word.clear();
        if (std::string_view(" \n.,:;").find(c) == std::string_view::npos) return false;
    }
    return true;
}

/// One place of an arrangement: what stands before a mark, and the mark's number; 0 after the last.
struct Place {
    std::string_view before;
    std::size_t number = 0;
};

std::optional<std::vector<Place>> places_of(std::string_view text) {
    std::vector<Place> places;
    while (true) {
        const auto open = text.find('[');
        if (open == std::string_view::npos) break;
        const auto close = text.find(']', open);
        if (close == std::string_view::npos || close - open > 4) return std::nullopt;
        const auto number = parse_digits(text.substr(open + 1, close - open - 1));
        if (!number || *number == 0) return std::nullopt;
        places.push_back({text.substr(0, open), static_cast<std::size_t>(*number)});
        text.remove_prefix(close + 1);
    }
    places.push_back({text, 0});
    return places;
}

bool has_each_once(const std::vector<Place>& places, std::size_t count) {
    if (places.size() != count + 1 || places.front().number != 1) return false;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < count; ++i) numbers.push_back(places[i].number);
    std::ranges::sort(numbers);
    for (std::size_t i = 0; i < count; ++i)
        if (numbers[i] != i + 1) return false;
    return true;
}

bool has_alerts_first(const std::vector<Place>& places, const std::vector<std::string>& statements) {
    std::vector<std::size_t> wanted;
    for (std::size_t i = 1; i < statements.size(); ++i)
        if (statements[i].starts_with(alert_label)) wanted.push_back(i + 1);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (places[i + 1].number != wanted[i]) return false;
    return true;
}

/// The statement without the patient's own words.
std::string without_quotes(std::string_view statement) {
    std::string out;
    bool inside = false;
    for (const char c : statement) {
        if (c == '"') {
            inside = !inside;
            if (inside) out += "(quote)";
        } else if (!inside) {
            out += c;
        }
    }
    return out;
}

bool is_sealable(const std::vector<std::string>& statements) {
    return !statements.empty() && statements.size() <= statements_max &&
           std::ranges::all_of(statements, [](const std::string& text) {
               return !text.empty() && std::ranges::count(text, '"') % 2 == 0;
           });
}

}  // namespace

std::string_view to_string(Disarray fault) noexcept {
    switch (fault) {
        case Disarray::marks: return "marks";
        case Disarray::order: return "order";
        case Disarray::words: return "words";
    }
    return "?";
}

boost::system::result<std::string, Disarray> arrange(std::string_view text,
                                                     const std::vector<std::string>& statements) {
    text = trim(text);
    const auto places = places_of(text);
    if (text.size() > text_bytes_max || !places || !has_each_once(*places, statements.size())) return Disarray::marks;
    if (!has_alerts_first(*places, statements)) return Disarray::order;
    std::string out;
    for (const auto& [before, number] : *places) {
        if (!is_harmless(before)) return Disarray::words;
        const bool stopped = out.ends_with('.') && before.starts_with('.');
        out += before.substr(stopped ? 1 : 0);
        if (number > 0) out += statements[number - 1];
    }
    return out;
}

ChatPrompt SummaryWriter::prompt(const std::vector<std::string>& statements,
                                 const std::vector<std::string>& identifiers) const {
    ChatPrompt prompt;
    prompt.system = rules;
    for (const auto word : connecting_words) prompt.system.append(word).append(" ");
    std::string listed;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        auto shown = scrubber_.scrub(without_quotes(statements[i]), identifiers);
        std::erase_if(shown, is_mark);
        listed += "[" + std::to_string(i + 1) + "] " + shown + "\n";
    }
    prompt.messages.push_back({ChatMessage::Role::user, std::move(listed)});
    prompt.schema = schema;
    prompt.max_output_tokens = tokens_max;
    return prompt;
}

async::Task<std::optional<std::string>> SummaryWriter::polish(std::vector<std::string> statements,
                                                              std::vector<std::string> identifiers, Deadline deadline) {
    const auto count = [this](std::string_view words) {
        metrics_.add("carevoice_summaries_total", {{"words", words}});
    };
    if (!is_sealable(statements)) {
        count("too_long");
        co_return std::nullopt;
    }
    auto asking = model_.ask(prompt(statements, identifiers), deadline);
    const auto asked = co_await async::by_deadline(std::move(asking), deadline);
    if (asked.has_error()) {
        count("failed");
        co_return std::nullopt;
    }
    auto arranged = arrange((*asked)->speak(), statements);
    if (arranged.has_error()) {
        count(to_string(arranged.error()));
        co_return std::nullopt;
    }
    count("model");
    co_return std::move(*arranged);
}

}  // namespace carevoice::ai
