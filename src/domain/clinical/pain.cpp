// Which of the numbers in an answer is the pain right now.
#include "domain/clinical/numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string>
#include <utility>

namespace carevoice::domain::clinical {

namespace {

template <std::size_t Size>
bool among(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr auto units = std::to_array<std::string_view>(
    {"minute",    "minutes",  "hour",      "hours",     "day",        "days",    "week",    "weeks",  "month",
     "months",    "year",     "years",     "pill",      "pills",      "tablet",  "tablets", "tabs",   "capsules",
     "doses",     "dose",     "mg",        "milligram", "milligrams", "oclock",  "am",      "pm",     "times",
     "time",      "degrees",  "degree",    "pounds",    "pound",      "lbs",     "steps",   "step",   "blocks",
     "block",     "stitches", "staples",   "dressings", "bandages",   "percent", "people",  "kids",   "laps",
     "feet",      "foot",     "inches",    "inch",      "nights",     "night",   "refills", "more",   "oxy",
     "oxycodone", "tylenol",  "ibuprofen", "percocet",  "in_the",     "thirty",  "fifteen", "twenty", "a",
     "others",    "nurses",   "doctors",   "surgeries", "ice",        "ones",    "legs",    "knees",  "hips",
     "fingers",   "thousand", "bucks",     "dollars",   "sleepless",  "good",    "bad",     "ml",     "mls",
     "advil",     "aleve",    "norco",     "tramadol",  "stairs",     "flights", "naps",    "meals",  "bites",
     "cups",      "glasses"});
constexpr auto clock_words =
    std::to_array<std::string_view>({"since", "until", "after", "before", "by", "every", "past", "day", "room", "age",
                                     "aged", "number", "last", "next"});
constexpr auto dose_verbs =
    std::to_array<std::string_view>({"took", "take", "takes", "taking", "taken", "had", "have", "popped", "swallowed",
                                     "gave", "give", "need", "got", "only", "another", "other", "all", "these", "my"});
constexpr auto months = std::to_array<std::string_view>({"january", "february", "march", "april", "may", "june", "july",
                                                         "august", "september", "october", "november", "december"});
constexpr auto state_words =
    std::to_array<std::string_view>({"am", "is", "pain", "still", "right", "sitting", "hovering", "staying", "holding",
                                     "stays", "now", "me", "sits", "knee", "hip", "be", "stuck"});
constexpr auto rating_verbs = std::to_array<std::string_view>({"put", "rate", "call", "keep", "have", "say"});
constexpr auto not_one = std::to_array<std::string_view>(
    {"this", "that", "which", "no",    "any",  "another", "each", "every", "the",   "worst",
     "bad",  "old",  "new",   "other", "some", "first",   "last", "good",  "right", "left"});
constexpr auto after_pronoun_one =
    std::to_array<std::string_view>({"of", "that", "does", "is", "was", "who", "thing", "leg", "side", "does", "did",
                                     "do", "pill", "more", "in", "every"});

struct Homophone {
    std::string_view heard;
    int value;
};
constexpr auto homophones = std::to_array<Homophone>({{"ate", 8},
                                                      {"to", 2},
                                                      {"too", 2},
                                                      {"for", 4},
                                                      {"fore", 4},
                                                      {"won", 1},
                                                      {"tree", 3},
                                                      {"sex", 6},
                                                      {"sicks", 6},
                                                      {"tin", 10},
                                                      {"fife", 5},
                                                      {"hate", 8},
                                                      {"nein", 9},
                                                      {"forth", 4},
                                                      {"heaven", 7}});

struct Candidate {
    double value = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    bool earlier = false;   ///< "yesterday"
    bool was = false;       ///< past tense only
    bool reported = false;  ///< "my wife says"
    bool worst = false;     ///< "at night", "at times"
    bool moving = false;
    bool resting = false;
    bool operated = false;
    bool doubtful = false;
    bool bound = false;  ///< what it is not above, or measured against: "never over a five", "than an eight"
};

class PainReader {
public:
    explicit PainReader(const NumberContext& context) : context_(context), tokens_(context.tokens) {}

    std::optional<Measured> run() {
        for (std::size_t at = 0; at < tokens_.size();) at = step(at);
        add_worded("pain.none", 0);
        add_worded("pain.off_scale", 10);
        std::stable_sort(candidates_.begin(), candidates_.end(),
                         [](const Candidate& a, const Candidate& b) { return a.first < b.first; });
        return choose();
    }

private:
    [[nodiscard]] std::string_view word(std::size_t at) const {
        return at < tokens_.size() ? std::string_view(tokens_[at].text) : std::string_view();
    }
    [[nodiscard]] std::string_view before(std::size_t at, std::size_t back = 1) const {
        return at >= back ? std::string_view(tokens_[at - back].text) : std::string_view();
    }
    [[nodiscard]] bool article(std::size_t at) const {
        return at > 0 && (before(at) == "a" || before(at) == "an") && word(at) != "hundred";
    }
    [[nodiscard]] bool own_question() const {
        return context_.question == "pain_score" || context_.question == "pain_change";
    }

    [[nodiscard]] bool cue(std::string_view name, std::size_t first, std::size_t end) const {
        return std::any_of(context_.mentions.begin(), context_.mentions.end(), [&](const Mention& mention) {
            return mention.first >= first && mention.last < end && context_.lexicon.entry(mention.owner).name == name;
        });
    }

    [[nodiscard]] std::optional<Number> value_at(std::size_t at) const {
        if (auto number = number_at(tokens_, at)) return number;
        const auto found =
            std::find_if(homophones.begin(), homophones.end(), [&](const Homophone& h) { return h.heard == word(at); });
        if (found == homophones.end() || context_.question != "pain_score") return std::nullopt;
        const bool alone = tokens_.size() == 1;
        const bool out_of_ten = word(at + 1) == "out" && word(at + 2) == "of";
        if (!alone && !out_of_ten && !article(at)) return std::nullopt;
        return Number{static_cast<double>(found->value), at, at, false};
    }

    // "out of ten", "/10", "of ten", "over ten": how many words it takes after the score; 0 when it is not there.
    [[nodiscard]] std::size_t denominator(std::size_t at) const {
        const auto ten = [&](std::size_t i) { return word(i) == "ten" || word(i) == "10"; };
        if ((word(at) == "/" || word(at) == "slash") && ten(at + 1)) return 2;
        if (word(at) == "out" && word(at + 1) == "of" && ten(at + 2)) return 3;
        if (word(at) == "out" && word(at + 1) == "of" && word(at + 2) == "a" && ten(at + 3)) return 4;
        if ((word(at) == "of" || word(at) == "over" || word(at) == "outta") && ten(at + 1)) return 2;
        return 0;
    }

    // "zero to ten", "ten being the worst": the scale, not a score. Returns where it ends; `at` when it is none.
    [[nodiscard]] std::size_t scale_end(const Number& number) const {
        const std::size_t next = number.last + 1;
        if (among(std::to_array<std::string_view>({"being", "means", "meaning", "as"}), word(next))) return next;
        const bool low = number.value <= 1;
        const bool joined =
            among(std::to_array<std::string_view>({"to", "through", "and", "thru", "from"}), word(next));
        if (low && joined && (word(next + 1) == "ten" || word(next + 1) == "10")) return next + 2;
        if (number.value == 10 && cue("pain.scale", number.first > 6 ? number.first - 6 : 0, number.first + 1))
            return next;
        return number.first;
    }

    [[nodiscard]] bool is_score(const Number& number, bool of_ten) const {
        const std::size_t at = number.first;
        const std::size_t next = number.last + 1;
        const bool has_article = article(at);
        if (number.value > 1000) return false;
        if (cue("cue.breath_rating", at > 8 ? at - 8 : 0, std::min(tokens_.size(), next + 8)) && !pain_near(at))
            return false;
        if (!own_question() && !pain_near(at)) return of_ten;
        if (of_ten) return true;
        const bool unit = next < tokens_.size() && tokens_[next].before == Break::none && among(units, word(next));
        if (unit || word(next) == "of" || is_clock(number)) return false;
        if (number.value > 90 && std::fabs(number.value - 100) > 0.01) return false;
        if (number.value > 10 && !has_article && !stands_alone(number)) return false;
        if (!own_question()) return has_article || before(at) == "pain" || before(at, 2) == "pain" || stated(at);
        if (has_article) return true;
        if (word(at) == "one" && (among(not_one, before(at)) || among(after_pronoun_one, word(next)))) return false;
        return !among(dose_verbs, before(at)) && !among(months, before(at));
    }

    // "Fifteen." and "like fifteen" are exaggerated scores, "I can bend it to ninety" is none.
    [[nodiscard]] bool stands_alone(const Number& number) const {
        constexpr auto leads =
            std::to_array<std::string_view>({"is", "like", "say", "about", "call", "at", "maybe", "a"});
        const bool begins =
            number.first == 0 || tokens_[number.first].before != Break::none || among(leads, before(number.first));
        const std::size_t next = number.last + 1;
        return begins && (next >= tokens_.size() || tokens_[next].before != Break::none);
    }

    [[nodiscard]] bool stated(std::size_t at) const {
        return among(std::to_array<std::string_view>({"is", "at", "about", "around", "like", "now"}), before(at));
    }

    [[nodiscard]] bool is_clock(const Number& number) const {
        const std::size_t at = number.first;
        const std::size_t next = number.last + 1;
        if (article(at)) return false;
        const bool number_five = before(at) == "number" && at == 1;
        if ((among(clock_words, before(at)) && !number_five) || half_past(number)) return true;
        const bool hedged_hour = before(at) == "around" || before(at) == "about" || before(at) == "at";
        if (hedged_hour && tells_dose(at)) return true;
        const bool time_follows = word(next) == "in" || word(next) == "this" || word(next) == "last" ||
                                  word(next) == "tonight" || word(next) == "yesterday";
        const bool put_at = before(at, 2) == "it" && among(rating_verbs, before(at, 3));
        if (before(at) == "at")
            return (!among(state_words, before(at, 2)) && !put_at) || (time_follows && word(next) != "tonight");
        return before(at) == "around" && time_follows;
    }

    // "Seven thirty", "nine fifteen": hours and minutes.
    [[nodiscard]] bool half_past(const Number& number) const {
        constexpr auto minutes =
            std::to_array<std::string_view>({"thirty", "fifteen", "forty", "ten", "twenty", "30", "15", "45"});
        const std::size_t next = number.last + 1;
        const bool adjoins = next < tokens_.size() && tokens_[next].before == Break::none;
        const auto after = number_at(tokens_, next);
        return adjoins && number.value >= 1 && number.value <= 12 && among(minutes, word(next)) && after &&
               after->value > 10;
    }

    // "I took two Tylenol around six": the clause is about a pill taken.
    [[nodiscard]] bool tells_dose(std::size_t at) const {
        constexpr auto dose =
            std::to_array<std::string_view>({"took", "take", "taken", "had", "pill", "pills", "dose", "gave"});
        for (std::size_t i = context_.assertions.clause_begin(at); i < at; ++i) {
            if (among(dose, word(i))) return true;
        }
        return false;
    }

    [[nodiscard]] bool pain_near(std::size_t at) const {
        std::size_t from = at;
        while (from > 0 && tokens_[from].before != Break::sentence && at - from < 14) --from;
        return cue("pain.word", from, std::min(tokens_.size(), at + 6));
    }

    using Words = std::pair<std::size_t, std::size_t>;  ///< from, one past the last

    [[nodiscard]] bool said(std::string_view name, Words words) const { return cue(name, words.first, words.second); }

    // Between two commas when a word of these kinds is said there, else the whole clause: "last night a nine, this
    // morning a four".
    [[nodiscard]] Words nearest_words(std::size_t first, std::size_t last,
                                      std::initializer_list<std::string_view> kinds) const {
        const Words clause{context_.assertions.clause_begin(first), context_.assertions.clause_end(last)};
        Words part{first, last + 1};
        while (part.first > clause.first && tokens_[part.first].before == Break::none) --part.first;
        while (part.second < clause.second && tokens_[part.second].before == Break::none) ++part.second;
        const bool any = std::any_of(kinds.begin(), kinds.end(), [&](auto kind) { return said(kind, part); });
        return any ? part : clause;
    }

    // "If I move it's an eight": the clause before, when it says under which condition.
    [[nodiscard]] Words condition_before(std::size_t begin) const {
        constexpr auto conditions = std::to_array<std::string_view>({"if", "when", "whenever", "once"});
        if (begin == 0) return {0, 0};
        const std::size_t from = context_.assertions.clause_begin(begin - 1);
        const bool condition = among(conditions, word(from)) || among(conditions, word(from + 1));
        return condition ? Words{from, begin} : Words{0, 0};
    }

    void add(double value, std::size_t first, std::size_t last, bool after_from) {
        const Assertion assertion = context_.assertions.of(first, last);
        const std::size_t begin = context_.assertions.clause_begin(first);
        const bool limit = cue("cue.at_most", first > 4 ? first - 4 : 0, first);
        if (assertion.denied && !limit) return;
        if (assertion.supposed) return;
        Candidate candidate;
        candidate.value = value;
        candidate.first = first;
        candidate.last = last;
        const Words time = nearest_words(first, last, {"pain.earlier", "pain.now", "pain.today"});
        candidate.earlier = assertion.historical() || assertion.recent || after_from || said("pain.earlier", time);
        candidate.was = cue("pain.was", begin, first) || said("pain.today", time);
        if (said("pain.now", time)) candidate.earlier = candidate.was = after_from;
        candidate.reported = assertion.other || assertion.kin || cue("pain.reported", begin, first);
        const Words state =
            nearest_words(first, last, {"pain.moving", "pain.resting", "pain.at_times", "pain.operated"});
        candidate.worst = said("pain.at_times", state);
        candidate.moving = said("pain.moving", state) || said("pain.moving", condition_before(begin));
        candidate.resting = said("pain.resting", state) || said("pain.resting", condition_before(begin));
        candidate.operated = said("pain.operated", state);
        candidate.doubtful = assertion.doubtful;
        candidate.bound = limit || before(first) == "than" || (article(first) && before(first, 2) == "than");
        const std::size_t since = candidates_.empty() ? first : candidates_.back().last;
        if (!candidates_.empty() && since < first && cue("pain.correction", since + 1, first)) candidates_.clear();
        candidates_.push_back(candidate);
    }

    void add_worded(std::string_view name, double value) {
        if (!own_question()) return;
        for (const Mention& mention : context_.mentions) {
            if (context_.lexicon.entry(mention.owner).name != name) continue;
            const Assertion assertion = context_.assertions.of(mention);
            if (assertion.historical() || assertion.supposed || assertion.other || assertion.kin) continue;
            const bool said = std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& c) {
                return c.first <= mention.last && c.last >= mention.first;
            });
            const std::size_t begin = context_.assertions.clause_begin(mention.first);
            const std::size_t end = context_.assertions.clause_end(mention.last);
            if (said) continue;
            Candidate candidate;
            candidate.value = value;
            candidate.first = mention.first;
            candidate.last = mention.last;
            candidate.moving = cue("pain.moving", begin, end);
            candidate.resting = cue("pain.resting", begin, end);
            candidate.earlier = cue("pain.earlier", begin, end) && !cue("pain.now", begin, end);
            candidates_.push_back(candidate);
        }
    }

    std::size_t step(std::size_t at) {
        const auto number = value_at(at);
        if (!number) return at + 1;
        std::size_t next = number->last + 1;
        const std::size_t tenths = denominator(next);
        if (tenths == 0) {
            const std::size_t scale = scale_end(*number);
            if (scale > at) return scale;
        }
        const bool after_from = before(at) == "from" || (article(at) && before(at, 2) == "from");
        double value = number->value;
        std::size_t last = number->last + tenths;
        if (const auto upper = tenths == 0 && !after_from ? range_end(*number) : std::nullopt) {
            value = std::max(value, upper->value);
            last = upper->last + denominator(upper->last + 1);
            const bool score = is_score({value, at, upper->last, number->compound}, last > upper->last);
            if (score) add(value, at, last, false);
            return last + 1;
        }
        next = last + 1;
        if (tenths == 0 && !article(at) && half_past(*number)) return number_at(tokens_, next)->last + 1;
        if (is_score(*number, tenths > 0)) add(value, at, std::min(last, tokens_.size() - 1), after_from);
        return next;
    }

    // "six or seven", "7 to 8", "between five and seven", "seven, eight"
    [[nodiscard]] std::optional<Number> range_end(const Number& low) const {
        std::size_t at = low.last + 1;
        const bool between = before(low.first) == "between" || before(low.first, 2) == "between";
        if (at < tokens_.size() && tokens_[at].before == Break::sentence) return std::nullopt;
        const bool joined = word(at) == "or" || word(at) == "to" || word(at) == "slash" || word(at) == "maybe" ||
                            word(at) == "through" || (between && word(at) == "and");
        if (joined) ++at;
        if (joined && (word(at) == "maybe" || word(at) == "even" || word(at) == "like")) ++at;
        if (word(at) == "a" || word(at) == "an") ++at;
        if (at >= tokens_.size() || tokens_[at].before == Break::sentence) return std::nullopt;
        const auto high = number_at(tokens_, at);
        if (!high || high->value > 11) return std::nullopt;
        const bool run_together = at == low.last + 1 && high->value - low.value == 1;
        if (!joined && !run_together) return std::nullopt;
        return high;
    }

    template <class Keep>
    void prefer(Keep keep) {
        if (!std::any_of(candidates_.begin(), candidates_.end(), keep)) return;
        std::erase_if(candidates_, [&](const Candidate& c) { return !keep(c); });
    }

    std::optional<Measured> choose() {
        prefer([](const Candidate& c) { return !c.reported; });
        prefer([](const Candidate& c) { return !c.earlier; });
        prefer([](const Candidate& c) { return !c.was; });
        prefer([](const Candidate& c) { return !c.bound; });
        const bool only_earlier =
            std::all_of(candidates_.begin(), candidates_.end(), [](auto& c) { return c.earlier; });
        if (candidates_.empty() || only_earlier) return std::nullopt;
        prefer([](const Candidate& c) { return c.operated; });
        const bool by_movement =
            std::any_of(candidates_.begin(), candidates_.end(), [](auto& c) { return c.moving || c.resting; });
        if (!by_movement) prefer([](const Candidate& c) { return !c.worst; });
        Candidate chosen = candidates_.back();
        if (by_movement) {
            chosen = *std::max_element(candidates_.begin(), candidates_.end(),
                                       [](const Candidate& a, const Candidate& b) { return a.value < b.value; });
        }
        const double score = std::min(10.0, std::floor(chosen.value + 0.5));
        return Measured{score, chosen.first, std::min(chosen.last, tokens_.size() - 1), chosen.doubtful};
    }

    const NumberContext& context_;
    const Tokens& tokens_;
    std::vector<Candidate> candidates_;
};

}  // namespace

std::optional<Measured> read_pain_score(const NumberContext& context) {
    return PainReader(context).run();
}

}  // namespace carevoice::domain::clinical
