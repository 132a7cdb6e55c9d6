using Xunit;

namespace Raywright.EndToEnd.Browser;

/// <summary>The pages of the app, on a server where <c>iris</c> was deployed into <c>dev</c>. A new room is a line here, and every check of rooms visits it.</summary>
internal static class Rooms
{
    /// <summary>Name of the screenshots, address, and a text without which the room is not there yet.</summary>
    private static readonly (string Name, string Path, string Text)[] All =
    [
        ("endpoints", "/", "Endpoints"),
        ("endpoint", "/endpoints/dev/iris", "What was done"),
        ("playground", "/app/dev/iris", "The same from elsewhere"),
        ("models", "/models", "iris"),
        ("model", "/models/iris", "iris"),
        ("version", "/models/iris/1", "Contract"),
        ("operations", "/operations", "deploy"),
        ("clusters", "/clusters", "embedded"),
        ("keys", "/keys", "owner"),
    ];

    private static readonly (string Name, int Width, int Height, bool Dark)[] Looks =
    [
        ("light", 1280, 800, false), ("dark", 1280, 800, true), ("phone", 390, 844, false), ("phone-dark", 390, 844, true),
    ];

    /// <summary>Looks, each of which sees all rooms.</summary>
    public static TheoryData<string, int, int, bool> EveryLook()
    {
        TheoryData<string, int, int, bool> looks = [];
        foreach ((string name, int width, int height, bool dark) in Looks)
            looks.Add(name, width, height, dark);
        return looks;
    }

    public static IEnumerable<(string Name, string Path, string Text)> Each => All;
}
