using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>share</c>: a link to the playground of one endpoint, for somebody without a key.</summary>
internal static class ShareCommand
{
    private const string Usual = "7d";
    private const long Longest = 365 * 86_400;

    internal sealed record Options(string Model, string Environment, long Seconds);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "The model" };
        Option<long?> life = new("--for")
        {
            Description = $"How long it works: minutes, hours, days or weeks, such as 30m, 12h, 7d or 2w (default {Usual}, at most a year)",
            HelpName = "TIME",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (Seconds(text) is { } seconds)
                    return seconds;
                result.AddError($"`{text}` is no time such as 30m, 12h, 7d or 2w of at most a year, as `--for` takes.");
                return null;
            },
        };
        return new Verb("share", "Make a link to the playground of one model, for somebody without a key")
        {
            Details = "Whoever has the link can ask this model in the browser and see nothing else, until it expires. Behind it is a key that `key list` shows; revoking it ends the link at once.",
            Examples = [("share iris", "a link to iris in dev for a week"), ("share iris -e prod --for 12h", "for half a day")],
            Options = { CommonOptions.Environment, life },
            Arguments = { model },
        }.TalksToServer().Runs(
            host,
            parse => new Options(parse.GetValue(model)!, parse.GetValue(CommonOptions.Environment)!, parse.GetValue(life) ?? Seconds(Usual)!.Value),
            run ?? ((options, session, cancellation) => Listing.ShowAsync(
                session,
                client => client.ShareAsync(options.Environment, options.Model, new SharedLinkRequest(options.Seconds), cancellation),
                ApiJson.Default.SharedLink,
                link => Write(session, options, link))));
    }

    /// <summary>Null where it is no time.</summary>
    internal static long? Seconds(string text)
    {
        long unit = text is [.., var last] ? last switch { 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 7 * 86_400, _ => 0 } : 0;
        return unit > 0 && long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0 && number <= Longest / unit ? number * unit : null;
    }

    private static void Write(Session session, Options options, SharedLink link)
    {
        session.Terminal.WriteLine(link.Url);
        if (session.Terminal.ShowsProgress)
            session.Terminal.NoteLine($"It opens {options.Model} in {options.Environment} until {Moments.Rfc3339(link.ExpiresAt)}; `raywright key revoke {link.Key}` ends it before.");
    }
}
