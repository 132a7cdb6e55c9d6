namespace Raywright.Cli.Output;

/// <summary>What the streams of this run are.</summary>
/// <param name="OutputIsTerminal">Whether standard output goes to a person's screen and not into a pipe or file.</param>
/// <param name="ErrorIsTerminal">The same for standard error, where progress and questions are shown.</param>
/// <param name="InputIsTerminal">Whether a person can be asked.</param>
/// <param name="Colour">Whether styles may be used on streams that are terminals.</param>
/// <param name="Width">Columns of the screen.</param>
internal sealed record TerminalTraits(bool OutputIsTerminal, bool ErrorIsTerminal, bool InputIsTerminal, bool Colour, int Width)
{
    public const int NarrowestWidth = 40;

    /// <summary>Of this process; <c>NO_COLOR</c> and <c>TERM=dumb</c> switch styles off.</summary>
    public static TerminalTraits OfProcess(IReadOnlyDictionary<string, string> variables)
    {
        bool plain = variables.GetValueOrDefault("NO_COLOR") is { Length: > 0 } || variables.GetValueOrDefault("TERM") == "dumb";
        return new(!Console.IsOutputRedirected, !Console.IsErrorRedirected, !Console.IsInputRedirected, !plain, Columns());
    }

    private static int Columns()
    {
        if (Console.IsOutputRedirected && Console.IsErrorRedirected)
            return 120;
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 120;
        }
        catch (IOException)
        {
            return 120;
        }
    }
}
