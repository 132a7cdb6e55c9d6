using Spectre.Console;
using Spectre.Console.Rendering;

namespace Raywright.Cli.Output;

/// <summary>
/// The only way to standard output, standard error and the keyboard. Results go to standard output; progress, remarks,
/// questions and errors to standard error. On a pipe nothing is styled, wrapped or cut.
/// </summary>
internal sealed class Terminal
{
    /// <summary>Lines are never wrapped: an address or a command has to be copied whole.</summary>
    private const int Unwrapped = 100_000;

    private readonly TextWriter output;
    private readonly TextWriter error;
    private readonly TextReader input;
    private readonly Func<string>? readSecret;
    private readonly IAnsiConsole styledOutput;
    private readonly IAnsiConsole styledError;
    private readonly Lock gate = new();
    private string? transient;

    /// <param name="readSecret">Reads a line from the keyboard without showing it; null reads <paramref name="input"/>.</param>
    public Terminal(TextWriter output, TextWriter error, TextReader input, TerminalTraits traits, Func<string>? readSecret = null)
    {
        (this.output, this.error, this.input, Traits, this.readSecret) = (output, error, input, traits, readSecret);
        styledOutput = Styled(output, traits.OutputIsTerminal && traits.Colour);
        styledError = Styled(error, traits.ErrorIsTerminal && traits.Colour);
    }

    public TerminalTraits Traits { get; }

    /// <summary>Whether a person sees standard output.</summary>
    public bool IsLive => Traits.OutputIsTerminal;

    /// <summary>Whether a person sees standard error.</summary>
    public bool ShowsProgress => Traits.ErrorIsTerminal;

    public bool CanAsk => Traits.InputIsTerminal && Traits.ErrorIsTerminal;

    public int Width => Math.Max(TerminalTraits.NarrowestWidth, Traits.Width);

    /// <summary>A result, as it is.</summary>
    public void WriteLine(string text = "") => Permanent(() => output.WriteLine(text));

    public void Write(string text) => Permanent(() => output.Write(text));

    /// <summary>A result with styles; text of others has to be escaped.</summary>
    public void WriteMarkup(string markup) => Permanent(() => styledOutput.MarkupLine(markup));

    public void Write(IRenderable block) => Permanent(() =>
    {
        styledOutput.Profile.Width = Width;
        styledOutput.Write(block);
        styledOutput.Profile.Width = Unwrapped;
    });

    /// <summary>A remark beside the result.</summary>
    public void Note(string markup) => Permanent(() => styledError.MarkupLine(markup));

    public void NoteLine(string text = "") => Permanent(() => error.WriteLine(text));

    /// <summary>A line that the next one replaces; shown only to a person. Null takes it away.</summary>
    public void ShowTransient(string? text)
    {
        if (!ShowsProgress || !Traits.Colour)
            return;
        lock (gate)
        {
            Erase();
            if (text is not null)
            {
                string line = Markup.Remove(text);
                // A line that wraps could not be taken away again.
                styledError.Markup(line.Length < Width ? text : Markup.Escape(line[..(Width - 1)]));
                transient = text;
            }
            error.Flush();
        }
    }

    /// <summary>Asks for a yes; only where <see cref="CanAsk"/>.</summary>
    public bool Confirm(string question)
    {
        Permanent(() => styledError.Markup($"{Markup.Escape(question)} [[y/N]] "));
        return input.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    /// <summary>Asks for a line of text; only where <see cref="CanAsk"/>.</summary>
    public string? Ask(string question)
    {
        Permanent(() => styledError.Markup($"{Markup.Escape(question)} "));
        return input.ReadLine()?.Trim();
    }

    /// <summary>Asks for something that is not to stand on the screen; only where <see cref="CanAsk"/>.</summary>
    public string? AskSecret(string question)
    {
        Permanent(() => styledError.Markup($"{Markup.Escape(question)} "));
        string? answer = readSecret is null ? input.ReadLine() : readSecret();
        NoteLine();
        return answer?.Trim();
    }

    public string ReadInput() => input.ReadToEnd();

    public void Flush()
    {
        output.Flush();
        error.Flush();
    }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess(IReadOnlyDictionary<string, string> variables) =>
        new(Console.Out, Console.Error, Console.In, TerminalTraits.OfProcess(variables), ReadHidden);

    private static string ReadHidden()
    {
        System.Text.StringBuilder text = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                text.Length = Math.Max(0, text.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                text.Append(key.KeyChar);
        }
        return text.ToString();
    }

    private void Permanent(Action write)
    {
        lock (gate)
        {
            Erase();
            write();
        }
    }

    private void Erase()
    {
        if (transient is null)
            return;
        error.Write("\r\e[K");
        transient = null;
    }

    private static IAnsiConsole Styled(TextWriter writer, bool colour)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colour ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colour ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = Unwrapped;
        return console;
    }
}
