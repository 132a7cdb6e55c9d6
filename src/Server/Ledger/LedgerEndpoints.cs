using System.Globalization;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;

namespace Raywright.Server.Ledger;

internal static class LedgerEndpoints
{
    public static void MapLedger(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Ledger, async (HttpContext http, LedgerService ledger, string? after) =>
            {
                long? before = null;
                if (after is not null)
                {
                    if (!long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence))
                        return ApiAnswers.Refuse(http, new Problem(Catalogue.RequestInvalid, "`after` is not the number of a row.", "after"));
                    before = sequence;
                }
                return ApiAnswers.Json(await ledger.ListAsync(null, before), ApiJson.Default.PageLedgerRow);
            })
            .Needs(Scope.Deploy).Describe<Page<LedgerRow>>("List the ledger", "Rows newest first; `after` is the last row of the page before.");
        routes.MapGet(Routes.LedgerVerification, async (LedgerService ledger) => ApiAnswers.Json(await ledger.VerifyAsync(), ApiJson.Default.LedgerVerification))
            .Needs(Scope.Deploy).Describe<LedgerVerification>("Verify the ledger", "Works out the hash of every sealed row again.");
    }
}
