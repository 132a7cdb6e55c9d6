using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;

namespace Raywright.Server.App.Playground;

/// <summary>What of a question stands beside its answer: a picture, or the values that a forecast goes on from.</summary>
/// <param name="Picture">Address of the image that was asked about; null where there was none.</param>
/// <param name="Width">Of the picture, in pixels.</param>
/// <param name="Series">Values in their order, oldest first; empty where the question had no such.</param>
/// <param name="SeriesName">The input that they are.</param>
public sealed record QuestionShown(string? Picture, int Width, ImmutableArray<double> Series, string SeriesName)
{
    public static readonly QuestionShown Nothing = new(null, 0, [], "");

    private const int LeastSeries = 4;

    /// <param name="contract">Of who was asked.</param>
    /// <param name="task">What the model is for, which tells a series of named columns from other numbers.</param>
    /// <param name="body">The question.</param>
    public static QuestionShown Of(Contract contract, string? task, JsonElement body)
    {
        if (QuestionForm.Of(contract) is not { } form || !form.Fill(body))
            return Nothing;
        QuestionShown shown = Nothing;
        foreach (QuestionGroup group in form.Groups.Where(group => group.Included && (group.Input.Type.IsFloat || group.Input.Type.IsInteger)))
        {
            double[] numbers = [.. group.Fields.SelectMany(field => ImageShape.Numbers(field.Text))];
            if (ImageShape.Of(group.Input, numbers.DefaultIfEmpty().Max()) is { } image && image.Pixels(numbers) is { } pixels)
                shown = shown with { Picture = Bitmap.Address(pixels, image.Width, image.Height, image.Channels), Width = image.Width };
            else if (shown.Series.IsEmpty && numbers.Length >= LeastSeries && IsSeries(group, task) && numbers.All(double.IsFinite))
                shown = shown with { Series = [.. numbers], SeriesName = group.Input.Name };
        }
        return shown;
    }

    private static bool IsSeries(QuestionGroup group, string? task) =>
        QuestionForm.RowShape(group.Input).Length == 1
        && (group.Input.Columns.IsEmpty || task?.StartsWith("forecast", StringComparison.OrdinalIgnoreCase) == true);
}
