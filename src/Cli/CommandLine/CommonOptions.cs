using System.CommandLine;
using System.Globalization;

namespace Raywright.Cli.CommandLine;

/// <summary>Options that mean the same wherever they are taken.</summary>
internal static class CommonOptions
{
    public const string DefaultEnvironment = "dev";

    public static readonly Option<string?> Home = new("--home")
    {
        Description = "Folder of the local server and of your profile (default ~/.raywright, or RAYWRIGHT_HOME)",
        HelpName = "DIR",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON document on standard output and nothing else",
        Recursive = true,
    };

    public static readonly Option<string?> Server = new("--server")
    {
        Description = "Address of the server (RAYWRIGHT_SERVER; default: the one that `up` or `login` chose)",
        HelpName = "URL",
    };

    public static readonly Option<string?> Key = new("--key")
    {
        Description = "Key for the server (RAYWRIGHT_KEY; default: the one that `up` or `login` stored)",
        HelpName = "KEY",
    };

    public static readonly Option<string> Environment = new("--env", "-e")
    {
        Description = "Environment",
        HelpName = "ENV",
        DefaultValueFactory = _ => DefaultEnvironment,
    };

    public static readonly Option<bool> Yes = new("--yes", "-y") { Description = "Confirm without being asked" };

    public static readonly Option<bool> Trust = new("--trust") { Description = "Vouch for model files that import code of your own; remembered for exactly these files" };

    public static readonly Option<bool> NoWait = new("--no-wait") { Description = "Print the operation and return while it runs" };

    /// <summary>Those that every command takes.</summary>
    public static IEnumerable<Option> Recursive => [Home, Json];

    /// <summary>An option that takes a whole number within bounds; null where it is not given.</summary>
    public static Option<int?> Number(string name, string description, int least, int most = int.MaxValue, string helpName = "N") => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
                return number;
            result.AddError($"`{text}` is no number {(most == int.MaxValue ? $"from {least}" : $"from {least} to {most}")}, as `{name}` takes.");
            return null;
        },
    };

    public static Argument<string?> Model(string description = "Model; default: the one that the spec in this folder names") =>
        new("model") { HelpName = "MODEL", Arity = ArgumentArity.ZeroOrOne, Description = description };
}
