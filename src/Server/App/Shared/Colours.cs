namespace Raywright.Server.App.Shared;

/// <summary>The colours that a browser was told to keep to, which <c>theme.js</c> writes.</summary>
internal static class Colours
{
    private const string Cookie = "raywright_theme";

    /// <summary><c>light</c> or <c>dark</c>; null where the system decides.</summary>
    public static string? Chosen(this HttpContext http) => http.Request.Cookies[Cookie] is ("light" or "dark") and var chosen ? chosen : null;
}
