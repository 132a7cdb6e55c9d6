namespace Raywright.Core.Errors;

/// <summary>RW41: Ray clusters.</summary>
public static partial class Catalogue
{
}
