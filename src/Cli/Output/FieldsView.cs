using Spectre.Console;

namespace Raywright.Cli.Output;

/// <summary>Names and values of one thing: aligned for a person, with a tab between in a pipe. Values that are null are left out.</summary>
internal sealed class FieldsView(Terminal terminal)
{
    private readonly List<(string Name, string Value)> fields = [];

    public FieldsView Add(string name, string? value)
    {
        if (value is { Length: > 0 })
            fields.Add((name, value));
        return this;
    }

    public void Write(string indent = "  ")
    {
        int width = fields.Count == 0 ? 0 : fields.Max(field => field.Name.Length) + 2;
        foreach ((string name, string value) in fields)
        {
            if (terminal.IsLive)
                terminal.WriteMarkup($"{indent}[grey]{Markup.Escape(name.PadRight(width))}[/]{Markup.Escape(value)}");
            else
                terminal.WriteLine($"{name}\t{value}");
        }
    }
}
