// The text forms of values inside a row: times as numbers, lists and small objects as JSON. Reading gives nullopt when
// the text breaks its rules; RowCheck turns that into Errc::corrupt.
#pragma once

#include "core/error.h"
#include "core/time.h"
#include "domain/call.h"
#include "domain/fact.h"
#include "domain/patient.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carevoice::storage::sql {

/// Milliseconds since 1970-01-01T00:00:00Z.
long long from_time(WallTime time) noexcept;
WallTime to_time(long long milliseconds_since_epoch) noexcept;
std::optional<long long> from_time(std::optional<WallTime> time) noexcept;
std::optional<WallTime> to_time(std::optional<long long> milliseconds_since_epoch) noexcept;

std::optional<std::chrono::year_month_day> to_date(std::string_view text);

std::string to_json(const std::vector<std::string>& words);
std::string to_json(const std::vector<int>& numbers);
std::string to_json(const std::vector<domain::TopicProgress>& topics);
std::string to_json(const domain::Caregiver& caregiver);
std::string to_json(const domain::CareTeam& team);
std::string to_json(const domain::FactValue& value);  ///< numbers must be finite

std::optional<std::vector<std::string>> words_from_json(std::string_view text);
std::optional<std::vector<int>> numbers_from_json(std::string_view text);
std::optional<std::vector<domain::TopicProgress>> topics_from_json(std::string_view text);
std::optional<domain::Caregiver> caregiver_from_json(std::string_view text);
std::optional<domain::CareTeam> care_team_from_json(std::string_view text);
std::optional<domain::FactValue> fact_from_json(std::string_view text);

/// Remembers the first column of a row that breaks its rule.
class RowCheck {
public:
    explicit RowCheck(std::string_view table) : table_(table) {}

    /// `value`, or an empty one with the column noted as at fault.
    template <class T>
    T take(std::string_view column, std::optional<T> value) {
        if (value) return std::move(*value);
        if (fault_.empty()) fault_ = column;
        return T{};
    }

    /// corrupt, naming table and column but no value.
    [[nodiscard]] Result<> verdict() const;

private:
    std::string_view table_;
    std::string_view fault_;
};

}  // namespace carevoice::storage::sql
