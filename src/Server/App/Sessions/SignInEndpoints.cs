using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Raywright.Core;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.Access;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Sessions;

/// <summary>The way in: by a link that works once, or by a key. And the way out.</summary>
internal static class SignInEndpoints
{
    private const int LongestKey = 200;

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AppGate.SignIn, OpenAsync).ExcludeFromDescription();
        routes.MapPost(AppGate.SignIn, SignInAsync).ExcludeFromDescription();
        routes.MapPost("/sign-out", SignOutAsync).ExcludeFromDescription();
        routes.MapGet(SharedLinks.Path + "/{token}", OpenSharedAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> OpenAsync(HttpContext http, AppLinks links, KeyDirectoryStore keys, TimeProvider clock)
    {
        string to = Local(http.Request.Query["to"]);
        if (http.Request.Query["token"] is not [{ Length: > 0 } token])
            return http.User.Identity is { IsAuthenticated: true } ? Results.Redirect(to) : AppPages.SignIn(null, to);
        // A browser that only looks ahead must not use the link up.
        if (http.Request.Headers["Sec-Purpose"].ToString().Contains("prefetch", StringComparison.Ordinal))
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        if (links.Redeem(token) is not { } owner || keys.Current.ById(owner.Id, clock.NowMicros()) is not { } key)
            return AppPages.SignIn(new Problem(Catalogue.LinkExpired, "This link has been used, or it is older than five minutes."), to);
        await http.SignInAsync(AppSessions.Scheme, AppSessions.Open(key));
        // From a page of another site the browser would not send the new cookie along a redirect; from our own page it does.
        return http.Request.Headers["Sec-Fetch-Site"] == "cross-site" ? AppPages.Forward(to) : Results.Redirect(to);
    }

    /// <summary>Whoever has a key that reaches as far keeps the session they have; others get one for this page alone.</summary>
    private static async Task<IResult> OpenSharedAsync(HttpContext http, string token, SharedLinks links, AppSessions sessions)
    {
        if (links.Open(token) is not { } shared)
            return AppPages.SharedLinkUnknown();
        if (shared.Key is null)
            return AppPages.SharedLinkOver(shared.Model);
        string to = $"/app/{shared.Environment}/{shared.Model}";
        bool alone = AppSessions.OnlyPage(http.User) is not null || sessions.KeyOf(http.User) is not { MayQuery: true } own || !own.Reaches(shared.Environment, shared.Model);
        if (alone)
            await http.SignInAsync(AppSessions.Scheme, AppSessions.Open(shared.Key, to));
        return http.Request.Headers["Sec-Fetch-Site"] == "cross-site" ? AppPages.Forward(to) : Results.Redirect(to);
    }

    private static async Task<IResult> SignInAsync(HttpContext http, IAntiforgery forms, KeyDirectoryStore keys, TimeProvider clock)
    {
        if (!http.Request.HasFormContentType || !await forms.IsRequestValidAsync(http))
            return AppPages.SignIn(new Problem(Catalogue.FormExpired, "The form has expired, or was not sent from this page."), "/");
        IFormCollection form = await http.Request.ReadFormAsync(http.RequestAborted);
        string to = Local(form["to"]);
        string text = form["key"].ToString().Trim();
        if (text.Length > LongestKey || keys.Current.Find(text, clock.NowMicros()) is not { } key)
            return AppPages.SignIn(new Problem(Catalogue.KeyMissing, "This is no valid key: it is misspelt, revoked or expired.", Fix: "Copy the whole key, from `rwk_` on; `raywright key create NAME` makes a new one."), to);
        await http.SignInAsync(AppSessions.Scheme, AppSessions.Open(key));
        return Results.Redirect(to);
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, IAntiforgery forms, AppSessions sessions)
    {
        if (!http.Request.HasFormContentType || !await forms.IsRequestValidAsync(http))
            return AppPages.SignIn(new Problem(Catalogue.FormExpired, "The form has expired, or was not sent from this page."), "/");
        sessions.End(http.User);
        await http.SignOutAsync(AppSessions.Scheme);
        return Results.Redirect(AppGate.SignIn);
    }

    /// <summary>A path of ours, whatever was asked for: nobody is sent to another site from here.</summary>
    private static string Local(string? to) =>
        to is ['/', ..] and not ['/', '/' or '\\', ..] && !to.Any(char.IsControl) ? to : "/";
}
