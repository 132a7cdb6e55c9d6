namespace Raywright.Server.App.Playground;

/// <summary>How alike two embeddings are.</summary>
public static class VectorDistance
{
    public static double Norm(IReadOnlyList<double> vector) => Math.Sqrt(vector.Sum(value => value * value));

    /// <summary>1 for the same direction, 0 for nothing in common; 0 where one of them has no direction.</summary>
    public static double Cosine(IReadOnlyList<double> one, IReadOnlyList<double> other)
    {
        double lengths = Norm(one) * Norm(other);
        return lengths == 0 ? 0 : one.Zip(other, (left, right) => left * right).Sum() / lengths;
    }
}
