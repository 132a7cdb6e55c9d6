namespace Raywright.Core;

/// <summary>Finds what a person probably meant.</summary>
public static class Spelling
{
    /// <summary>The candidate within a third of the word's length in edits, or null.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        if (word.Length > 64)
            return null;
        (string Name, int Edits)[] ranked = [.. candidates.Where(name => Math.Abs(name.Length - word.Length) <= 8)
            .Select(name => (name, Edits(word.ToLowerInvariant(), name.ToLowerInvariant()))).OrderBy(entry => entry.Item2)];
        return ranked is [var best, ..] && best.Edits <= Math.Max(1, word.Length / 3) ? best.Name : null;
    }

    /// <summary>Edit distance with exchanges of neighbours (optimal string alignment).</summary>
    private static int Edits(string one, string two)
    {
        int[,] cost = new int[one.Length + 1, two.Length + 1];
        for (int i = 0; i <= one.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= two.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= one.Length; i++)
        {
            for (int j = 1; j <= two.Length; j++)
            {
                int swap = one[i - 1] == two[j - 1] ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j] + 1, cost[i, j - 1] + 1), cost[i - 1, j - 1] + swap);
                if (i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[one.Length, two.Length];
    }
}
